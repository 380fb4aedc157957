-- With the argument "varied" each request has a number in a field that no server knows.
function init(arguments)
    if arguments[1] ~= "varied" then return end
    local sent = 0
    request = function()
        sent = sent + 1
        wrk.headers["X-Number"] = sent
        return wrk.format()
    end
end

-- What wrk has measured, exactly, as one JSON object in the last line. Latencies are in microseconds.
function done(summary, latency)
    local errors = summary.errors
    io.write(string.format(
        '\n{"requests":%d,"microseconds":%d,"bytes":%d,"p50":%d,"p99":%d,"errors":%d}\n',
        summary.requests, summary.duration, summary.bytes, latency:percentile(50), latency:percentile(99),
        errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
