"""Which script draws which page."""

HOME = "pages/learn/home.py"
DATA = "pages/learn/data.py"
CONVOLUTION = "pages/learn/convolution.py"
AGAINST = "pages/learn/against.py"
AUTOENCODER = "pages/lab/autoencoder.py"
CLASSIFIER = "pages/lab/classifier.py"
SWEEP = "pages/lab/sweep.py"
TRANSFER = "pages/lab/transfer.py"
LAYERS = "pages/inside/layers.py"
LATENT_SPACE = "pages/inside/latent_space.py"
TRY_IT = "pages/inside/try_it.py"
MISTAKES = "pages/inside/mistakes.py"
RUNS = "pages/results/runs.py"
REPORTS = "pages/results/reports.py"
CLAIMS = "pages/results/claims.py"

LAB_PAGES = {"autoencoder": AUTOENCODER, "classifier": CLASSIFIER}  # where a run is trained, by its task
