"""From files to answers: words and vectors of documents, and what joins them."""
