internal import ArgumentParser
internal import CairnCore
internal import CairnIncident
internal import CairnJournal
internal import CairnLMDB

/// A moment of the journal, as `--as-of` takes it: a position, a time, or so long before now.
enum Moment: Hashable, Sendable {
    case position(Position)
    case time(Timestamp)

    init(_ text: String) throws(ValidationError) {
        if !text.isEmpty, text.utf8.allSatisfy({ (48...57).contains($0) }) {
            guard let number = UInt64(text), number > 0 else {
                throw ValidationError("positions count from 1")
            }
            self = .position(Position(rawValue: number))
        } else if let span = try? TimeSpan(text: text), span >= .zero {
            self = .time(Timestamp.now().adding(span.negated))
        } else {
            self = .time(try Arguments.time(text))
        }
    }

    /// Finds the last position that the moment includes, and its instant.
    ///
    /// - Parameters:
    ///   - journal: The journal.
    ///   - name: What the moment was given as, for the error that says there is none.
    /// - Returns: The position and the instant.
    /// - Throws: ``CommandFailure``, with exit code 65 where nothing stands there.
    func resolved(
        in journal: LMDBJournal,
        as name: String = "--as-of"
    ) throws(CommandFailure) -> (position: Position, instant: Timestamp) {
        let reason: String
        do throws(JournalError) {
            switch self {
            case .time(let time):
                let position = try journal.position(at: time)
                if position > .zero { return (position, time) }
            case .position(let position):
                if let instant = try instant(of: position, in: journal) {
                    return (position, instant)
                }
            }
            reason = try explanation(journal, name)
        } catch {
            throw CommandFailure(error, path: journal.path)
        }
        throw CommandFailure(.badInput, reason)
    }

    /// Why nothing stands at the moment.
    private func explanation(
        _ journal: LMDBJournal,
        _ name: String
    ) throws(JournalError) -> String {
        let head = try journal.head()
        switch self {
        case .time(let time):
            let first = try instant(of: .first, in: journal)
            return "\(name) \(time.shortText) is before the first event"
                + (first.map { ", which was recorded at \($0.shortText)" } ?? "")
        case .position:
            return isBeyond(head.lastPosition, as: name)
        }
    }

    /// Says that the moment is beyond the last position that is to be seen.
    func isBeyond(_ last: Position, as name: String) -> String {
        let text =
            switch self {
            case .position(let position): "\(position)"
            case .time(let time): time.shortText
            }
        return "\(name) \(text) is beyond the last position, \(last)"
    }

    /// When the event at a position was recorded; nil if there is none.
    private func instant(
        of position: Position,
        in journal: LMDBJournal
    ) throws(JournalError) -> Timestamp? {
        var instant: Timestamp?
        _ = try journal.page(
            from: position,
            .forwards,
            upTo: position,
            limit: PageLimit(eventCountMax: 1)
        ) { header, _ in
            instant = header.recordedAt
            return .stop
        }
        return instant
    }
}

/// Where a span of time starts or ends: an instant, or so long before now.
enum TimeBound: Hashable, Sendable {
    case time(Timestamp)
    case before(TimeSpan)

    init(_ text: String) throws(ValidationError) {
        if let span = try? TimeSpan(text: text), span >= .zero {
            self = .before(span)
        } else {
            self = .time(try Arguments.time(text))
        }
    }

    func instant(now: Timestamp) -> Timestamp {
        switch self {
        case .time(let time): time
        case .before(let span): now.adding(span.negated)
        }
    }
}
