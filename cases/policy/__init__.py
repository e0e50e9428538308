"""Policy before filing: permits, suppressions, profiles, and whether a person must look first."""
