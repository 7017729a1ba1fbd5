"""How the product reaches the network: assets, security, compression, limits, problems."""
