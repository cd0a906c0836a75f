public import CairnCore

extension InteractionMessage {
    /// The kind of stream in which an interaction without a key stands, under its uuid.
    public static let streamKind = StreamKind("interaction")

    /// The stream of the interaction where it has no key.
    public var stream: StreamID {
        get throws(LimitError) { try StreamID(kind: Self.streamKind, key: uuid) }
    }
}
