"""The wall of cameras: each person's tours, and which pictures were looked at.

Enters: a person's lists of cameras, and who looks at which. Leaves: the same, and lines of the audit log. It never
sees a picture.
"""
