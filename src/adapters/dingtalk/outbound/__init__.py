"""Sending replies: session webhooks, and the OpenAPI where they are gone."""
