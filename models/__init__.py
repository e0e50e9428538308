"""Weights, their manifests and cards, and how they are trained, measured and exported.

Enters: a model's name or folder; for training, labelled pictures. Leaves: a verified ``ModelPackage`` (weights that
match their hash, and what they can see). Never: a picture at run time, a runtime session, a guess about weights
whose hash does not match.

Layout of a package: ``models/weights/<name>/{model.onnx,manifest.json,CARD.md}``.
"""
