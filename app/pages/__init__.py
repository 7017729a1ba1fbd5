"""HTML: routes, the contexts of their templates, and how they are rendered."""
