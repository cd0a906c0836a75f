/// What a provider's log says happened.
///
/// The file may be read while the provider writes to it. A torn last line is ignored.
public struct ProviderLog: Sendable {
    /// A question that a client asked about a key.
    public struct Lookup: Hashable, Sendable {
        /// The key that was asked about.
        public let key: String
        /// Deliveries of the key so far: 0 if the answer was that there is none.
        public let count: Int
    }

    /// How often each key was delivered.
    ///
    /// The provider tells two spellings of one accented letter apart; here they count as one key.
    public private(set) var deliveries: [String: Int] = [:]
    /// All deliveries.
    public private(set) var deliveryCount = 0
    /// All requests to send that arrived, with those that were then lost.
    public private(set) var requestCount = 0
    /// Requests that were dropped without being accepted.
    public private(set) var lostRequestCount = 0
    /// Requests that were accepted and whose reply was held back.
    public private(set) var lostReplyCount = 0
    /// Requests that were rejected, without repetitions of such an answer.
    public private(set) var rejectionCount = 0
    /// Callbacks that went out, with the repeated ones.
    public private(set) var callbackCount = 0
    /// Every lookup in the order in which they were answered.
    public private(set) var lookups: [Lookup] = []

    /// Reads the log.
    ///
    /// - Throws: ``ProviderLogError``.
    public init(path: String) throws(ProviderLogError) {
        var log = ProviderLog()
        try ProviderLogFile.read(path: path) { log.take($0) }
        self = log
    }

    private init() {}

    private mutating func take(_ record: ProviderRecord) {
        switch record {
        case .request: requestCount += 1
        case .requestLost: lostRequestCount += 1
        case .rejection: rejectionCount += 1
        case .delivery(let delivery):
            deliveries[delivery.key, default: 0] += 1
            deliveryCount += 1
        case .replyLost: lostReplyCount += 1
        case .callback: callbackCount += 1
        case .lookup(let key, let count): lookups.append(Lookup(key: key, count: count))
        }
    }
}
