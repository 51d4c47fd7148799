"""Questions: admitted, put to a model, answered in words or with a picture."""
