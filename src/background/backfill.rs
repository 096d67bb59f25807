//! Makes the thumbnails that images stored earlier lack.
//!
//! Images are gone through by id, so that where to go on is one value; each gets all that it lacks in one render. What it
//! lacks is asked when its turn comes: its owner may have another tier by then, the tier other heights, and somebody may
//! have asked for the thumbnail, which made it.

use futures_util::{StreamExt, stream};
use uuid::Uuid;

use super::{
    Tools,
    progress::{Interrupted, Progress},
};
use crate::{
    actors::{Db, Overloaded, RenderError},
    db::{
        DbError,
        images::{CountLackingImages, FindLackingImages, Lacking},
        jobs::{Job, JobPlan, RunnerId, SaveJobPlan},
    },
    domain::{image::ImageId, job::Backfill},
    thumbnails::NotMade,
};

/// How many images are looked at in one query.
const PAGE: i64 = 1000;

/// What there is to make, and about how long so many threads take.
pub async fn plan(db: &Db, lacking: Lacking, threads: usize) -> Result<JobPlan, DbError> {
    let workload = db.run(CountLackingImages(lacking)).await?;
    Ok(JobPlan {
        images: workload.images,
        bytes: workload.bytes,
        estimate: workload.estimate(threads),
    })
}

/// Goes on with a backfill until all images were tried, or until it is stopped.
pub async fn run(
    tools: &Tools,
    runner: RunnerId,
    job: &Job,
    backfill: &Backfill,
    progress: &Progress,
) -> Result<(), Interrupted> {
    tools.site.check().await?;
    let lacking = Lacking {
        tier: backfill.tier.as_ref().map(|(tier, _)| *tier),
        // What was made since was made by this job, or of what it would be made of again.
        made_before: backfill.remake.then_some(job.created_at),
    };
    if job.plan.is_none() {
        let plan = plan(&tools.db, lacking, tools.threads).await?;
        tools.db.run(SaveJobPlan(job.id, runner, plan)).await?;
    }
    let position = job
        .position
        .as_deref()
        .and_then(|id| Uuid::try_parse(id).ok());
    let mut after = position.map(ImageId);
    while !progress.is_stopped() {
        let page = FindLackingImages {
            lacking,
            after,
            limit: PAGE,
        };
        let page = tools.db.run(page).await?;
        let Some(&(last, _)) = page.last() else {
            return Ok(());
        };
        fill(tools, lacking, page, progress).await?;
        after = Some(last);
    }
    Ok(())
}

/// Makes what the images of a page lack, some at a time, and tells of them in their order.
async fn fill(
    tools: &Tools,
    lacking: Lacking,
    page: Vec<(ImageId, bool)>,
    progress: &Progress,
) -> Result<(), Interrupted> {
    let turns = stream::iter(page)
        .take_while(|_| std::future::ready(!progress.is_stopped()))
        .map(async |(image, lacks)| {
            let made = match lacks {
                true => tools.maker.fill(image, lacking).await,
                false => Ok(0),
            };
            (image, made)
        })
        .buffered(tools.threads);
    let mut turns = std::pin::pin!(turns);
    while let Some((image, made)) = turns.next().await {
        match made {
            Ok(0) | Err(NotMade::Deleted) => {}
            Ok(_) => progress.done(1),
            Err(error) if is_everybodys(tools, &error).await => return Err(error.into()),
            Err(error) => {
                tracing::warn!(%image, %error, "cannot make an image's thumbnails");
                progress.failed(format_args!("{image}: {error}"));
            }
        }
        progress.reached(image);
    }
    Ok(())
}

/// Whether the next image would fare no better.
async fn is_everybodys(tools: &Tools, error: &NotMade) -> bool {
    match error {
        NotMade::Db(_) | NotMade::Render(RenderError::Gone) => true,
        NotMade::Overloaded(overloaded) => *overloaded == Overloaded::Busy,
        NotMade::Storage(_) => tools.storage.check().await.is_err(),
        _ => false,
    }
}
