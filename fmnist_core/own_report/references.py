"""The works that a report's runs stand on, as BibTeX: the data set, the methods that they used, the lab."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

DATA = """@article{xiao2017fashion,
  title = {{Fashion-MNIST}: a Novel Image Dataset for Benchmarking Machine Learning Algorithms},
  author = {Xiao, Han and Rasul, Kashif and Vollgraf, Roland},
  journal = {arXiv:1708.07747},
  year = {2017}
}
"""
ADAM = """@inproceedings{kingma2015adam,
  title = {{Adam}: A Method for Stochastic Optimization},
  author = {Kingma, Diederik P. and Ba, Jimmy},
  booktitle = {International Conference on Learning Representations},
  year = {2015}
}
"""
DROPOUT = """@article{srivastava2014dropout,
  title = {Dropout: A Simple Way to Prevent Neural Networks from Overfitting},
  author = {Srivastava, Nitish and Hinton, Geoffrey and Krizhevsky, Alex and Sutskever, Ilya and
            Salakhutdinov, Ruslan},
  journal = {Journal of Machine Learning Research},
  volume = {15},
  pages = {1929--1958},
  year = {2014}
}
"""
BACKPROPAGATION = """@article{rumelhart1986learning,
  title = {Learning representations by back-propagating errors},
  author = {Rumelhart, David E. and Hinton, Geoffrey E. and Williams, Ronald J.},
  journal = {Nature},
  volume = {323},
  pages = {533--536},
  year = {1986}
}
"""
CONVOLUTION = """@article{lecun1998gradient,
  title = {Gradient-based learning applied to document recognition},
  author = {LeCun, Yann and Bottou, L\\'eon and Bengio, Yoshua and Haffner, Patrick},
  journal = {Proceedings of the IEEE},
  volume = {86},
  number = {11},
  pages = {2278--2324},
  year = {1998}
}
"""
AUTOENCODER = """@article{hinton2006reducing,
  title = {Reducing the Dimensionality of Data with Neural Networks},
  author = {Hinton, Geoffrey E. and Salakhutdinov, Ruslan R.},
  journal = {Science},
  volume = {313},
  pages = {504--507},
  year = {2006}
}
"""
LAB = """@misc{fmnistlab,
  title = {{FMNIST Lab}},
  note = {Figures, specs and seeds are in lab.json}
}
"""


def references(specs: Iterable[Mapping[str, Any]]) -> str:
    """A .bib file for runs of these specs."""
    specs = list(specs)
    works = [DATA, BACKPROPAGATION] if specs else [DATA]
    for work, uses in (
        (ADAM, lambda spec: spec.get("optimizer") == "adam"),
        (DROPOUT, lambda spec: spec.get("dropout", 0) > 0),
        (CONVOLUTION, lambda spec: "conv" in _networks(spec)),
        (AUTOENCODER, lambda spec: "autoencoder" in _networks(spec)),
    ):
        if any(uses(spec) for spec in specs):
            works.append(work)
    return "\n".join([*works, LAB])


def _networks(spec: Mapping[str, Any]) -> str:
    encoder = spec.get("encoder") or {}
    return f"{spec.get('architecture', '')} {encoder.get('architecture', '')}"
