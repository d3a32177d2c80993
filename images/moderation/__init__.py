"""What is done about images that others should not see.

`decisions` has the decisions of moderators, `reports` those of everybody else,
`quarantine` moves the files, `fingerprints` knows removed pictures again.
"""
