.PHONY: run test test-clients browser-test bench check postgresql

# Builds and starts the service on http://localhost:8000.
run: postgresql
	cargo build --release --locked
	exec target/release/tierpix serve

# All tests, on a PostgreSQL of their own.
test: postgresql
	cargo test --workspace --locked

# What clients see: the Postman collection by newman, the OpenAPI document by schemathesis. Needs Node 18 and Python 3.10.
test-clients: postgresql
	cargo build --locked
	scripts/test-postman
	scripts/test-schema --max-examples 3

# The admin panel in chromium, with script and without. Needs Node 20 and chromium.
browser-test: postgresql
	cargo build --locked
	scripts/test-browser

# Speed: docs/PERFORMANCE.md says how to read it.
bench: postgresql
	cargo bench --locked -p tierpix-imaging --bench thumbnail
	cargo bench --locked --bench load --bench scale

# What a change has to pass, tests aside.
check:
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --locked

postgresql:
	@scripts/ensure-postgresql
