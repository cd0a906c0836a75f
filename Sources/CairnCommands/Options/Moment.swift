internal import ArgumentParser
internal import CairnCore
internal import CairnIncident
internal import CairnJournal
internal import CairnLMDB

/// A moment of the journal, as `--as-of` takes it.
enum Moment: Hashable, Sendable {
    case position(Position)
    case time(Timestamp)

    init(_ text: String) throws(ValidationError) {
        if !text.isEmpty, text.utf8.allSatisfy({ (48...57).contains($0) }) {
            guard let number = UInt64(text), number > 0 else {
                throw ValidationError("positions count from 1")
            }
            self = .position(Position(rawValue: number))
        } else {
            self = .time(try Argument.time(text))
        }
    }

    /// Finds the last position that the moment includes, and its instant.
    func resolved(
        in journal: LMDBJournal
    ) throws(JournalError) -> Result<(position: Position, instant: Timestamp), CommandFailure> {
        let head = try journal.head()
        switch self {
        case .time(let time):
            let position = try journal.position(at: time)
            if position > .zero { return .success((position, time)) }
            let first = try instant(of: .first, in: journal)
            return .failure(
                CommandFailure(
                    .badInput,
                    "--as-of \(time.shortText) is before the first event"
                        + (first.map { ", which was recorded at \($0.shortText)" } ?? "")
                )
            )
        case .position(let position):
            guard position <= head.lastPosition, let instant = try instant(of: position, in: journal)
            else {
                return .failure(
                    CommandFailure(
                        .badInput,
                        "--as-of \(position) is beyond the last position, \(head.lastPosition)"
                    )
                )
            }
            return .success((position, instant))
        }
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

/// Reads the values of options, with errors that say what was expected.
enum Argument {
    static func time(_ text: String) throws(ValidationError) -> Timestamp {
        do throws(Timestamp.FormatError) {
            return try Timestamp(rfc3339: text)
        } catch {
            switch error {
            case .notRFC3339:
                throw ValidationError("it is not a time such as 2025-12-25T10:00:00Z")
            case .missingZone:
                throw ValidationError("it has no zone; add Z or an offset such as +01:00")
            case .outOfRange:
                throw ValidationError("there is no such time between 1677 and 2262")
            }
        }
    }

    static func span(_ text: String) throws(ValidationError) -> TimeSpan {
        do throws(TimeSpan.FormatError) {
            let span = try TimeSpan(text: text)
            guard span >= .zero else { throw ValidationError("it must not be negative") }
            return span
        } catch let error as TimeSpan.FormatError {
            throw ValidationError(error.description)
        } catch {
            throw ValidationError("\(error)")
        }
    }

    static func limit(_ text: String) throws(ValidationError) -> Int {
        guard let limit = Int(text), limit > 0 else {
            throw ValidationError("it must be a whole number from 1 on")
        }
        return limit
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
            self = .time(try Argument.time(text))
        }
    }

    func instant(now: Timestamp) -> Timestamp {
        switch self {
        case .time(let time): time
        case .before(let span): now.adding(span.negated)
        }
    }
}
