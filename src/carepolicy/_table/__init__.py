"""The table form under `carepolicy.table`: columns in, decisions out; events in, facts out."""
