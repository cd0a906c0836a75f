public import CairnCore

/// What a key stands for: one thing to do once, with all that says what it is.
public struct ItemRequest: Hashable, Sendable {
    /// The caller's idempotency key; nil where none was given.
    public var key: ItemKey?
    /// The caller's digest of what is to be done: the same key with another is a conflict.
    public var content: ContentDigest
    /// The job that the item belongs to; nil for a dispatch of its own.
    public var job: String?
    /// The number of the job's run that covered it first.
    public var run: UInt64?
    /// Whether all outside work is done in steps, so that nothing is in doubt before the first.
    public var worksInSteps: Bool
    /// What is said to a customer; nil for an item that is no interaction.
    public var message: InteractionMessage?

    public init(
        key: ItemKey?,
        content: ContentDigest,
        job: String? = nil,
        run: UInt64? = nil,
        worksInSteps: Bool = false,
        message: InteractionMessage? = nil
    ) {
        self.key = key
        self.content = content
        self.job = job
        self.run = run
        self.worksInSteps = worksInSteps
        self.message = message
    }
}

/// The part of an item that makes it an interaction of seed 001.
public struct InteractionMessage: Hashable, Sendable {
    /// `interaction_uuid`.
    public var uuid: String
    /// `customer_id`.
    public var customer: String
    /// `channel`.
    public var channel: Channel
    /// The template's key, the first part of `meta_data`.
    public var template: String?
    /// JSON text in UTF-8, kept byte for byte: the second part of `meta_data`.
    public var payload: [UInt8]?
    /// `body_content`, where it is known before the provider tells it.
    public var body: String?

    public init(
        uuid: String,
        customer: String,
        channel: Channel,
        template: String? = nil,
        payload: [UInt8]? = nil,
        body: String? = nil
    ) {
        self.uuid = uuid
        self.customer = customer
        self.channel = channel
        self.template = template
        self.payload = payload
        self.body = body
    }
}

/// An idempotency key: the caller's name for "do this once" (law 4).
///
/// At most ``characterCountMax`` characters, compared by bytes. It names a stream as it is, so
/// that keys in order cost little; a longer one than a stream's name takes is shortened there,
/// and the whole is compared with the one that the stream holds.
public struct ItemKey: Sendable {
    public let name: String

    /// The longest key, in Unicode scalars as SQL counts them (`idempotency_key` of seed 001).
    public static let characterCountMax = 255
    /// The kind of stream that a key names.
    public static let streamKind = StreamKind("key")

    /// Takes a key as it is.
    ///
    /// - Throws: ``ItemKeyError``.
    public init(_ name: String) throws(ItemKeyError) {
        guard !name.isEmpty else { throw .empty }
        if name.utf8.count > Self.characterCountMax {
            let count = name.unicodeScalars.count
            guard count <= Self.characterCountMax else { throw .tooLong(characterCount: count) }
        }
        self.name = name
    }

    /// The stream in which everything about the key stands.
    public var stream: StreamID {
        get throws(LimitError) { try StreamID(kind: Self.streamKind, longKey: name) }
    }
}

extension ItemKey: Hashable {
    public static func == (left: ItemKey, right: ItemKey) -> Bool {
        left.name.hasSameBytes(as: right.name)
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(bytesOf: name) }
}

extension ItemKey: CustomStringConvertible {
    public var description: String { name }
}

/// Why a text cannot be an idempotency key.
public enum ItemKeyError: Error, Hashable, Sendable {
    case empty
    case tooLong(characterCount: Int)
}

extension ItemKeyError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .empty: "the idempotency key is empty"
        case .tooLong(let count):
            "the idempotency key has \(count) characters; at most "
                + "\(ItemKey.characterCountMax) are possible"
        }
    }
}
