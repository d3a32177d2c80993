"""For files that go to ImageKit without passing through here."""

PRE_TRANSFORMATION = "rt-auto,md-false,cp-true,q-95,f-orig"
"""The `transformation.pre` of an upload that makes ImageKit remove metadata.

It is applied before the file is stored: the picture is turned as its orientation
says (`rt-auto`), written without metadata (`md-false`) and with its colour profile
(`cp-true`), in its own format (`f-orig`). Unlike `strip_metadata` this encodes the
pixels anew, at a quality of 95, and may make a still picture of an animation.

That metadata go from *delivered* pictures is documented; that a pre-transformation
does the same to the *stored* one is only implied by "the same parameters as in the
URL", and has not been tried on the service. Where that is not enough, download the
file when its upload is complete, and store it anew by `images.services`.

https://imagekit.io/docs/dam/pre-and-post-transformation-on-upload
"""
