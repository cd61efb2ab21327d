from urllib3 import HTTPResponse

from tfgan_faces.serving.rest import RestTransport


def test_predictions_are_retried_while_the_server_is_unavailable():
    """By default, urllib3 does not retry POST."""
    transport = RestTransport("http://localhost:1", "faces", 1.0)
    retry = transport._session.get_adapter("http://localhost:1").max_retries
    assert retry.is_retry("POST", 503)
    assert not retry.is_retry("POST", 500)
    delays = []
    for _ in range(4):
        retry = retry.increment("POST", "/", HTTPResponse(status=503))
        delays.append(retry.get_backoff_time())
    assert delays == [0, 0.4, 0.8, 1.6]
