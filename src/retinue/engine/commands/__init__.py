"""The verbs that every door calls. What each returns is committed."""
