/// What a provider says to a message that it was sent.
public enum ProviderReply: Hashable, Sendable {
    /// It was delivered, now or by an earlier request with its key.
    case accepted(reference: String)
    /// It was not delivered; trying again is hopeless if that is final.
    case rejected(isFinal: Bool, reason: String)
}

/// What a provider knows of a key.
public enum ProviderSight: Hashable, Sendable {
    /// It was delivered so many times, the first time under the reference.
    case delivered(reference: String, count: Int)
    /// Nothing was delivered so far; a request that is still on its way may change that.
    case notFound
}

/// What a provider tells later about a delivery.
public struct ProviderCallback: Hashable, Sendable {
    /// Place among all callbacks of the provider, in the order in which they went out: 1, 2, 3.
    public let number: Int
    /// The provider's name for the delivery.
    public let reference: String
    /// The key that the message was sent with.
    public let key: String
    /// The same for a repeated callback.
    public let eventID: String
    /// One of `sent`, `delivered`, `opened`, `bounced` and `deferred`.
    public let word: String
    /// When it went out, in nanoseconds since 1970.
    public let time: Int64
    /// The whole callback as JSON, in the provider's own words.
    public let body: String

    public init(
        number: Int,
        reference: String,
        key: String,
        eventID: String,
        word: String,
        time: Int64,
        body: String
    ) {
        self.number = number
        self.reference = reference
        self.key = key
        self.eventID = eventID
        self.word = word
        self.time = time
        self.body = body
    }
}
