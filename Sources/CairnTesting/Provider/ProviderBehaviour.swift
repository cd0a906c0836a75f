/// How a simulated provider treats what it is sent.
///
/// Shares are in thousandths, from 0 to 1000. Chance is decided by a hash of ``seed``, the key and
/// the number of the request with that key, so it does not depend on the order of the requests.
public struct ProviderBehaviour: Codable, Hashable, Sendable {
    /// A repeated key gets the first answer, be it a rejection, and delivers nothing new.
    public var deduplicatesByKey = true
    /// Share of accepted requests that are delivered, but whose reply never comes.
    public var lostReplyThousandths = 0
    /// Share of requests that are dropped without being accepted.
    public var lostRequestThousandths = 0
    /// Share of requests that are rejected for now.
    public var softRejectionThousandths = 0
    /// Share of requests that are rejected for good.
    public var hardRejectionThousandths = 0
    /// How long a request takes: one half of it before it is accepted, one half after.
    ///
    /// It is accepted even if its sender is gone by then.
    public var latencyMicroseconds = 0
    /// Share of deliveries that are followed by callbacks.
    public var callbackThousandths = 0
    /// Share of callbacks that come twice, with the same event id.
    public var repeatedCallbackThousandths = 0
    /// Share of deliveries whose callbacks go out before the reply.
    public var earlyCallbackThousandths = 0
    /// How long after the reply the other callbacks go out.
    public var lateCallbackMilliseconds = 0
    /// Chooses among all possible runs.
    public var seed: UInt64 = 0

    /// Makes a provider that delivers everything once and at once, and calls nobody back.
    public init() {}

    /// Reads the members that are there; what is missing has its default.
    public init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: CodingKeys.self)
        func read<Value: Decodable>(_ value: inout Value, _ key: CodingKeys) throws {
            value = try members.decodeIfPresent(Value.self, forKey: key) ?? value
        }
        try read(&deduplicatesByKey, .deduplicatesByKey)
        try read(&lostReplyThousandths, .lostReplyThousandths)
        try read(&lostRequestThousandths, .lostRequestThousandths)
        try read(&softRejectionThousandths, .softRejectionThousandths)
        try read(&hardRejectionThousandths, .hardRejectionThousandths)
        try read(&latencyMicroseconds, .latencyMicroseconds)
        try read(&callbackThousandths, .callbackThousandths)
        try read(&repeatedCallbackThousandths, .repeatedCallbackThousandths)
        try read(&earlyCallbackThousandths, .earlyCallbackThousandths)
        try read(&lateCallbackMilliseconds, .lateCallbackMilliseconds)
        try read(&seed, .seed)
    }
}
