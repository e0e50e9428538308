"""Procedural street scenes: labelled pictures and time lapses with a known truth, from nothing but a seed.

Enters: a seed, a kind of scene, a light, a camera. Leaves: a picture as a street camera would give it, with boxes
and visible shares of every violation and every hard negative; or a clip with a truth timeline. Never: a downloaded
asset, a network, a run-time import (Blender lives in an environment of its own, see ``docs/scenes.md``).

What is drawn up before anything is built (plans, cameras, truth, label rules) needs no Blender and is tested without.
"""

GENERATOR = 2
"""Version of the pictures that a seed gives; recorded beside each of them.

1: the street as it was first drawn. 2: rain, light from ahead, dirt on the lens; goods being unloaded, rows of bins,
cafes, couriers, covered tricycles, puddles, drifts of leaves, shadows of cloth; e-bikes and planters with a shape.
"""
