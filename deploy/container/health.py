"""The image's health check: exit status 0 if the service lives.

Not by urllib, which would take the model's proxy from the environment.
"""

import http.client
import os
import sys

connection = http.client.HTTPConnection("127.0.0.1", int(os.environ.get("PORT", "8090")), timeout=4)
try:
    connection.request("GET", "/livez")
    sys.exit(connection.getresponse().status != http.HTTPStatus.OK)
except OSError as error:
    sys.exit(f"the service does not answer: {error}")
