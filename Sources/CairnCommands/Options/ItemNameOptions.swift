internal import ArgumentParser
internal import CairnDomains
internal import CairnIncident
internal import CairnCore

/// Which item a verb is about.
struct ItemNameOptions: ParsableArguments {
    @Argument(help: "The idempotency key.")
    var key: String?

    @Option(
        help:
            "The interaction_uuid instead of a key; interactions without a key have no other name."
    )
    var uuid: String?

    /// The item's name as it was given.
    func name() throws(CommandFailure) -> ItemName { try Self.name(key: key, uuid: uuid) }

    /// The name of which there must be one.
    static func name(key: String?, uuid: String?) throws(CommandFailure) -> ItemName {
        switch (key, uuid) {
        case (let key?, nil): return try ItemName(key: key)
        case (nil, let uuid?) where !uuid.isEmpty: return .uuid(uuid)
        case (nil, _): throw CommandFailure(.usage, "no item is named; give a key or --uuid UUID")
        case (_?, _?): throw CommandFailure(.usage, "two items are named; give a key or --uuid")
        }
    }
}

/// A name under which one item is found.
enum ItemName: Sendable {
    case key(ItemKey)
    case uuid(String)

    /// The name as it was given.
    var text: String {
        switch self {
        case .key(let key): key.name
        case .uuid(let uuid): uuid
        }
    }

    /// Takes an idempotency key as it was given.
    init(key: String) throws(CommandFailure) {
        do {
            self = .key(try ItemKey(key))
        } catch {
            throw CommandFailure(error == .empty ? .usage : .badInput, error.description)
        }
    }

    /// Finds the item.
    ///
    /// - Throws: ``CommandFailure``, with exit code 66 where there is none.
    func sight(
        in view: ItemView,
        _ path: String,
        now: Timestamp
    ) async throws(CommandFailure) -> ItemSight {
        let sight = try await reading(path) { () async throws(IncidentError) in
            switch self {
            case .key(let key): try await view.item(key: key, now: now)
            case .uuid(let uuid): try await view.item(uuid: uuid, now: now)
            }
        }
        guard let sight else { throw CommandFailure(.notFound, unknown(path)) }
        return sight
    }

    private func unknown(_ path: String) -> String {
        switch self {
        case .key(let key):
            "nothing was ever begun under the key '\(key)' in \(path) at that moment; its verdict "
                + "is fresh"
        case .uuid(let uuid):
            "no interaction \(uuid) is in \(path) at that moment; 'cairn interactions' lists all"
        }
    }
}
