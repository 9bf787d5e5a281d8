"""Handouts: a site, slides and PDFs from the Markdown of lectures and exercises.

One way through: pages -> check -> source -> convert (pandoc) -> site, slides, pdf.
`make` is the verb. What pandoc and graphviz made is kept in build/cache/handouts by
its content, so nothing has to be said about what depends on what.
"""
