from urllib3 import HTTPResponse

from tfgan_faces.serving.rest import RestTransport


def test_predictions_are_repeated_while_the_server_is_unavailable():
    """POST is not among the methods that urllib3 repeats by itself."""
    transport = RestTransport("http://localhost:1", "faces", 1.0)
    retry = transport._session.get_adapter("http://localhost:1").max_retries
    assert retry.is_retry("POST", 503)
    assert not retry.is_retry("POST", 500)
    pauses = []
    for _ in range(4):
        retry = retry.increment("POST", "/", HTTPResponse(status=503))
        pauses.append(retry.get_backoff_time())
    assert pauses == [0, 0.4, 0.8, 1.6]
