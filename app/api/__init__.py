"""The product as JSON: routes and schemas."""
