public import CairnCore

/// What a provider reported of something that was sent.
public struct InteractionCallback: Hashable, Sendable {
    public var provider: String
    /// The provider's own name of what was sent; names are the provider's, and it may reuse them.
    public var reference: String
    /// The provider's name of this report, by which a repetition is known.
    public var eventID: String?
    /// The key that was given with the send, where the provider gives it back.
    public var providerKey: String?
    /// The provider's word, as it is.
    public var word: String
    /// A second field that decides what the word means, such as a bounce's type.
    public var detail: String?
    /// What the word meant by the vocabulary of the day; stands in the event, so that a replay
    /// needs none.
    public var meaning: CallbackMeaning
    /// When it happened, as the provider says.
    public var providerTime: Timestamp?
    /// The report itself, kept byte for byte.
    public var body: [UInt8]?
    /// Which attempt it is about; 0 where that is not known yet.
    public var attempt: Int64 = 0
    /// What the item is called, where nothing else tells two reports apart: a provider that names
    /// neither report nor time may give one reference to several sends.
    public var item: String?

    public init(
        provider: String,
        reference: String,
        eventID: String? = nil,
        providerKey: String? = nil,
        word: String,
        detail: String? = nil,
        meaning: CallbackMeaning,
        providerTime: Timestamp? = nil,
        body: [UInt8]? = nil
    ) {
        self.provider = provider
        self.reference = reference
        self.eventID = eventID
        self.providerKey = providerKey
        self.word = word
        self.detail = detail
        self.meaning = meaning
        self.providerTime = providerTime
        self.body = body
    }
}

extension InteractionCallback {
    /// What makes two reports the same one, written down: what a repetition's id stands for.
    ///
    /// The provider's own name of the report, or the time where it gives none. The word belongs to
    /// it: one message has several reports, and providers name several of them alike. The body
    /// does not: a repetition may come with another envelope. The item and the attempt do only
    /// where nothing else tells two reports apart.
    var identity: [UInt8] {
        var writer = FieldWriter()
        writer.text(1, provider)
        writer.text(2, reference)
        writer.text(3, word)
        writer.text(4, detail)
        writer.text(5, eventID)
        if eventID == nil { writer.time(6, providerTime) }
        writer.text(7, item)
        if eventID == nil, providerTime == nil, attempt != 0 { writer.number(8, attempt) }
        return writer.finish()
    }

    /// The id by which a repetition is known among the events of a kind.
    func repetitionID(among kind: String) throws(LimitError) -> EventID {
        let digest = ContentDigest(type: kind, content: identity.span.bytes)
        return try EventID("\(kind)/\(digest.hexadecimal)")
    }
}
