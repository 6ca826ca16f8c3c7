"""Which script draws which page."""

LAB_PAGES = {"autoencoder": "pages/lab/autoencoder.py", "classifier": "pages/lab/classifier.py"}
