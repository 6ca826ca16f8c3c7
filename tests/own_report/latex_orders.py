"""Orders of TeX that read, write, define or load: none may come from what a learner types."""

DANGEROUS = {
    "input", "include", "write", "openin", "openout", "read", "immediate", "def", "edef", "let",
    "catcode", "csname", "usepackage", "documentclass", "newcommand", "special", "loop",
    "expandafter", "includegraphics", "verbatiminput", "lstinputlisting", "directlua",
    "ShellEscape", "href", "url", "makeatletter",
}  # fmt: skip
