.PHONY: run test test-clients test-nginx test-otlp browser-test test-browser-pictures bench check audit postgresql

# Builds and starts the service on http://localhost:8000; for object storage only where the environment says so.
run: postgresql
	cargo build --release --locked $(if $(filter s3:%,$(TIERPIX_STORAGE_URL)),,--no-default-features)
	exec target/release/tierpix serve

# All tests, on a PostgreSQL and an S3 server of their own.
test: postgresql
	scripts/ensure-s3
	cargo test --workspace --locked

# What clients see: clients that people use, straight and through nginx; the Postman collection by newman; the OpenAPI document by
# those who make clients of it, and by schemathesis. Needs curl, nginx, Node 20 and Python 3.10, and leaves Java's client out
# where there is no JDK. The program is the one that the tests were built with.
test-clients: postgresql
	cargo test --workspace --locked --no-run
	scripts/test-real-clients
	scripts/test-postman
	scripts/test-generators
	scripts/test-schema --max-examples 2

# The configuration of nginx in front of the service. Needs nginx, curl, openssl and Python.
test-nginx: postgresql
	cargo test --workspace --locked --no-run
	scripts/test-nginx

# Spans for a collector, which are in no build that does not ask for them.
test-otlp: postgresql
	cargo test --locked --features otlp --test cli otlp

# The admin panel in chromium, with script and without. Needs Node 20 and chromium.
browser-test: postgresql
	cargo test --workspace --locked --no-run
	scripts/test-browser

# Each kind of picture and its thumbnail in chromium, side by side.
test-browser-pictures:
	scripts/ensure-chromium
	cargo test --locked -p tierpix-imaging --lib -- --ignored --nocapture chromium

# Speed: docs/PERFORMANCE.md says how to read it.
bench: postgresql
	cargo bench --locked -p tierpix-imaging --bench thumbnail
	cargo bench --locked --bench upload --bench load --bench link --bench scale --bench abuse --bench backfill

# What a change has to pass, tests aside.
check:
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --all-features --locked -- -D warnings
	cargo check --locked --no-default-features
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --locked

# The dependencies: known holes, licences, sources. Needs the network; what is known changes without a change of ours.
audit:
	scripts/audit

postgresql:
	@scripts/ensure-postgresql
