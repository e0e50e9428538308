"""The embedded demo: four rendered street cameras, their grids and the truth of what happens in them.

Enters: the clips beside this file. Leaves: a running patrol and, at the end, a score against the truth.
Never: a photo, a script in the model's place, a network beyond this machine.
"""
