internal import ArgumentParser
internal import CairnCore
internal import CairnIncident

/// What is changed about a recorded history.
struct OverlayOptions: ParsableArguments {
    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("Without these events.", valueName: "seq")
    )
    var drop: [String] = []

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "With another event: right after SEQ (0: before the first), or after the last where no "
                + "SEQ stands before it.",
            valueName: "[seq] json"
        )
    )
    var insert: [String] = []

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "With these members in event SEQ instead of its own; null is absent.",
            valueName: "seq json"
        )
    )
    var edit: [String] = []

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "With event SEQ right after TO instead of where it stands (0: before the first), as "
                + "one that came late.",
            valueName: "seq to"
        )
    )
    var move: [String] = []

    @Option(
        parsing: .unconditional,
        help: "Most events that are listed; 20 by default.",
        transform: { try Arguments.limit($0) }
    )
    var limit = 20

    /// The changes.
    ///
    /// - Throws: ``CommandFailure`` with exit code 64 for what is no change.
    func overlay() throws(CommandFailure) -> Overlay {
        var edits: [Overlay.Edit] = []
        for text in drop { edits.append(.drop(try Self.place(text, of: "--drop"))) }
        var rest = insert[...]
        while let first = rest.popFirst() {
            if Self.isDocument(first) {
                edits.append(.insert(try Self.document(first, of: "--insert"), after: nil))
                continue
            }
            let place = try Self.place(first, of: "--insert", isBeforeFirstToo: true)
            let document = try Self.document(rest.popFirst(), of: "--insert", place)
            edits.append(.insert(document, after: place))
        }
        rest = edit[...]
        while let first = rest.popFirst() {
            let place = try Self.place(first, of: "--edit")
            let document = try Self.document(rest.popFirst(), of: "--edit", place)
            edits.append(.merge(document, into: place))
        }
        rest = move[...]
        while let first = rest.popFirst() {
            let place = try Self.place(first, of: "--move")
            guard let target = rest.popFirst() else {
                throw CommandFailure(
                    .usage,
                    "--move: no event to stand after is named for \(place)"
                )
            }
            edits.append(
                .move(place, after: try Self.place(target, of: "--move", isBeforeFirstToo: true))
            )
        }
        return Overlay(edits)
    }

    private static func isDocument(_ text: String) -> Bool {
        text.first { !$0.isWhitespace } == "{"
    }

    private static func place(
        _ text: String,
        of option: String,
        isBeforeFirstToo: Bool = false
    ) throws(CommandFailure) -> OverlayPlace {
        let isPosition = text.hasPrefix("@")
        guard let number = UInt64(isPosition ? text.dropFirst() : text[...]),
            number > 0 || (isBeforeFirstToo && !isPosition)
        else {
            throw CommandFailure(
                .usage,
                "\(option): '\(text)' names no event; give its sequence, a whole number from "
                    + "\(isBeforeFirstToo ? 0 : 1) on, or @POSITION"
                    + " (what it is about is named before the options)"
            )
        }
        return isPosition
            ? .position(Position(rawValue: number)) : .sequence(SequenceNumber(rawValue: number))
    }

    private static func document(
        _ text: String?,
        of option: String,
        _ place: OverlayPlace
    ) throws(CommandFailure) -> JSONValue {
        guard let text else {
            throw CommandFailure(.usage, "\(option): no JSON object stands behind \(place)")
        }
        return try document(text, of: option)
    }

    private static func document(
        _ text: String,
        of option: String
    ) throws(CommandFailure) -> JSONValue {
        do throws(JSONError) {
            let value = try JSONValue.parse(Array(text.utf8))
            guard case .object = value else { throw JSONError(.notAnObject, at: 0) }
            return value
        } catch {
            // The scanner counts bytes, and whoever typed the text sees characters.
            let bytes = text.utf8.prefix(error.offset)
            let offset = String(decoding: bytes, as: UTF8.self).count
            throw CommandFailure(
                .usage,
                "\(option): at character \(offset + 1): \(error.reason)",
                pointer: PointedText(text, at: offset).rendering("\(error.reason)")
            )
        }
    }
}
