public import CairnCore
public import CairnJournal

/// The walk of a projection along the journal: its tables, and the names of the streams it met.
public struct ProjectionFold<Rules: Projection>: Sendable {
    /// Most stream names that are kept; beyond that all are forgotten and read again.
    @usableFromInline static var nameCountMax: Int { 262_144 }

    @usableFromInline var entries: ProjectionEntries<Rules>
    @usableFromInline var names: [StreamNumber: StreamID] = [:]

    @usableFromInline
    init(_ entries: ProjectionEntries<Rules>) { self.entries = entries }

    /// Why a page ended early.
    @usableFromInline
    enum Pause {
        /// The name of a stream has to be looked up.
        case name(StreamNumber)
        case unreadable(Position, EventCodecError)
    }

    /// Takes in one page of events after the last one that was taken in.
    @inlinable
    mutating func takePage(
        of journal: any Journal,
        upTo bound: Position
    ) async throws(EngineError<Never>) {
        var pause: Pause?
        let rules = entries.rules
        do throws(JournalError) {
            _ = try await journal.page(
                from: entries.position.next,
                .forwards,
                upTo: bound,
                limit: .standard
            ) { header, frame in
                if let reason = take(header, frame, rules) {
                    pause = reason
                    return .stop
                }
                return entries.failure == nil ? .proceed : .stop
            }
            if case .name(let number) = pause {
                note(try await journal.streamID(of: number), number)
            }
        } catch {
            throw .journal(error)
        }
        if case .unreadable(let position, let error) = pause {
            throw .unreadable(position: position, error: error)
        }
    }

    @inlinable
    mutating func take(_ header: EventHeader, _ frame: RawSpan, _ rules: Rules) -> Pause? {
        if rules.concerns(header, frame) {
            var stream: StreamID?
            if rules.readsStreamName(of: header, frame) {
                if let name = header.streamID(in: frame) {
                    note(name, header.streamNumber)
                    stream = name
                } else if let name = names[header.streamNumber] {
                    stream = name
                } else {
                    return .name(header.streamNumber)
                }
            }
            do throws(EventCodecError) {
                try rules.take(header, frame, of: stream, into: &entries)
            } catch {
                return .unreadable(header.position, error)
            }
        }
        entries.position = header.position
        return nil
    }

    @inlinable
    mutating func note(_ name: StreamID, _ number: StreamNumber) {
        if names.count >= Self.nameCountMax { names = [:] }
        names[number] = name
    }
}

/// What a projection does with each event and entry, made where the rules' type is known, so that
/// it is compiled for it.
@usableFromInline
struct CompiledRules<Rules: Projection>: Sendable {
    @usableFromInline typealias Fold = ProjectionFold<Rules>

    @usableFromInline
    let takePage:
        @Sendable (inout Fold, any Journal, Position) async throws(EngineError<Never>) -> Void
    @usableFromInline let writeChanges: @Sendable (inout Fold, ContentDigest) -> ProjectionChanges
    @usableFromInline let forgetUnchanged: @Sendable (inout Fold) -> Void

    @inlinable
    init() {
        takePage = { fold, journal, bound async throws(EngineError<Never>) in
            try await fold.takePage(of: journal, upTo: bound)
        }
        writeChanges = { fold, digest in fold.entries.changes(digest) }
        forgetUnchanged = { fold in fold.entries.forgetUnchanged() }
    }
}
