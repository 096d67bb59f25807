.PHONY: run test check postgresql

# Builds and starts the service on http://localhost:8000.
run: postgresql
	cargo build --release --locked
	exec target/release/tierpix serve

# All tests, on a PostgreSQL of their own.
test: postgresql
	cargo test --workspace --locked

# What a change has to pass, tests aside.
check:
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --locked

postgresql:
	@scripts/ensure-postgresql
