internal import CairnCore
public import CairnDomains

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// How a job's items are read: what names each, and what it stands for.
public struct JobItems<Item: Sendable>: Sendable {
    let key: @Sendable (Item) -> String
    let content: @Sendable (Item) throws -> [UInt8]
    let message: (@Sendable (Item) -> InteractionMessage)?

    /// Describes items.
    ///
    /// - Parameters:
    ///   - key: The idempotency key of an item, the same in every run.
    ///   - content: What the item says beside its key, in bytes that are the same in every run;
    ///     an item of a known key and another content was changed, and is not sent. By default
    ///     nothing is compared. An error ends the sequence there.
    ///   - message: For items that are interactions: what is said, and to whom.
    public init(
        key: @escaping @Sendable (Item) -> String,
        content: @escaping @Sendable (Item) throws -> [UInt8] = { _ in [] },
        message: (@Sendable (Item) -> InteractionMessage)? = nil
    ) {
        self.key = key
        self.content = content
        self.message = message
    }
}

extension JobItems where Item: Encodable {
    /// Describes items by all that they are encoded as: JSON with sorted keys.
    ///
    /// What is encoded has to be the same in every run, or every item counts as changed. So none
    /// of it may be an instant of this run, and none a `Set` or a dictionary whose keys are
    /// neither text nor whole numbers, which encode in the order of their hashes.
    ///
    /// - Parameters:
    ///   - key: The idempotency key of an item, the same in every run.
    ///   - message: For items that are interactions: what is said, and to whom.
    /// - Returns: How the items are read.
    /// - Complexity: An encoding for each item in each run, some microseconds but for plain text
    ///   and numbers; give ``init(key:content:message:)`` bytes where that is too much.
    public static func encoded(
        key: @escaping @Sendable (Item) -> String,
        message: (@Sendable (Item) -> InteractionMessage)? = nil
    ) -> JobItems {
        JobItems(key: key, content: encoding, message: message)
    }

    private static var encoding: @Sendable (Item) throws -> [UInt8] {
        // Text and numbers say in a few bytes what they are.
        if Item.self == String.self { return { ($0 as? String).map { Array($0.utf8) } ?? [] } }
        if Item.self == Int.self { return { ($0 as? Int).map { Array("\($0)".utf8) } ?? [] } }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // An array of one, because some encoders take nothing else at the top.
        return { Array(try encoder.encode([$0])) }
    }
}

/// What an item says beside its key: as it is where that is short, and else its digest, so that
/// items which wait take little room.
enum ItemContent: Sendable {
    case short([UInt8])
    case long(byteCount: Int, ContentDigest)

    /// The longest content that is kept as it is.
    static var shortByteCountMax: Int { 64 }

    init(_ bytes: [UInt8]) {
        self =
            bytes.count <= Self.shortByteCountMax
            ? .short(bytes) : .long(byteCount: bytes.count, Self.digest(bytes))
    }

    /// What the item's key stands for.
    var digest: ContentDigest {
        switch self {
        case .short(let bytes): Self.digest(bytes)
        case .long(_, let digest): digest
        }
    }

    private static func digest(_ bytes: [UInt8]) -> ContentDigest {
        ContentDigest(type: "item", content: bytes.span.bytes)
    }
}
