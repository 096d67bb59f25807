//! Pages of long lists: the word in the URL that says where one is entered, the same as in the API.

use serde::{Serialize, de::DeserializeOwned};

use super::{
    list::{List, PAGE},
    panel::Panel,
};
use crate::{
    db::pages::{Page, Position},
    error::ApiError,
    http::paging,
};

/// The page that is asked for; the first one if the word in the URL is none of this list's.
pub fn position<P: DeserializeOwned>(
    panel: &Panel,
    is_in_list: impl Fn(&P) -> bool,
) -> Position<P> {
    let position = paging::read_cursor(&panel.params.get(PAGE).into());
    position
        .filter(|position| paging::is_in_list(position, is_in_list))
        .unwrap_or(Position::Start)
}

impl List {
    /// Leads to the pages on both sides of this one, which begins at this position.
    pub fn paged<T, P: Serialize + Clone>(
        mut self,
        position: &Position<P>,
        page: &Page<T>,
        place: impl Fn(&T) -> P,
    ) -> Result<Self, ApiError> {
        let (previous, next) = paging::sides(position, page, place);
        let link = |position: Option<Position<P>>| {
            let cursor = position.map(|position| paging::cursor(&position));
            let cursor = cursor.transpose()?;
            Ok::<_, ApiError>(cursor.map(|cursor| self.page(&cursor.unwrap_or_default())))
        };
        (self.previous, self.next) = (link(previous)?, link(next)?);
        Ok(self)
    }
}
