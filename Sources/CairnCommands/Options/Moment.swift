internal import ArgumentParser
internal import CairnCore
internal import CairnIncident
internal import CairnJournal
internal import CairnLMDB

/// A moment of the journal, as `--as-of` takes it: a position, a time, so long before now, or a
/// time of day, which is the last such one (``TimeOfDay/last(now:end:)``).
enum Moment: Hashable, Sendable {
    /// A moment whose day is known.
    enum Dated: Hashable, Sendable {
        case position(Position)
        case time(Timestamp)

        var text: String {
            switch self {
            case .position(let position): "\(position)"
            case .time(let time): time.shortText
            }
        }

        /// Says that the moment is beyond the last position that is to be seen.
        func isBeyond(_ last: Position, as name: String) -> String {
            "\(name) \(text) is beyond the last position, \(last)"
        }
    }

    case dated(Dated)
    case timeOfDay(TimeOfDay)

    init(_ text: String) throws(ValidationError) {
        if !text.isEmpty, text.utf8.allSatisfy({ (48...57).contains($0) }) {
            guard let number = UInt64(text) else {
                throw ValidationError("no journal has so many positions")
            }
            guard number > 0 else { throw ValidationError("positions count from 1") }
            self = .dated(.position(Position(rawValue: number)))
        } else if let span = try TimeBound.span(text) {
            self = .dated(.time(Timestamp.now().adding(span.negated)))
        } else if TimeOfDay.isMeant(by: text) {
            self = .timeOfDay(try TimeOfDay(text))
        } else {
            self = .dated(.time(try Arguments.time(text)))
        }
    }

    /// The moment with its day.
    ///
    /// - Parameters:
    ///   - journal: The journal.
    ///   - end: The instant that is looked at, and after which there is nothing; nil for now.
    /// - Returns: The moment itself unless it is a time of day.
    /// - Throws: `JournalError`.
    func dated(
        in journal: LMDBJournal,
        upTo end: Timestamp? = nil
    ) throws(JournalError) -> Dated {
        switch self {
        case .dated(let moment): return moment
        case .timeOfDay(let time):
            if let end { return .time(time.last(now: end, end: nil)) }
            let head = try journal.head()
            let end = head.lastPosition > .zero ? head.lastRecordedAt : nil
            return .time(time.last(now: .now(), end: end))
        }
    }

    /// Says which day is looked at where none was given.
    ///
    /// - Parameters:
    ///   - moment: The moment with its day.
    ///   - name: What it was given as.
    func noteDay(of moment: Dated, as name: String) {
        guard case .timeOfDay(let time) = self else { return }
        let tool = IncidentTool.current?.name ?? "cairn"
        Terminal.note("\(tool): \(name) \(time.text) is \(moment.text)")
    }

    /// Finds the last position that the moment includes, and its instant.
    ///
    /// - Parameters:
    ///   - journal: The journal.
    ///   - name: What the moment was given as, for what is said of it.
    /// - Returns: The position and the instant.
    /// - Throws: ``CommandFailure``, with exit code 65 where nothing stands there.
    func resolved(
        in journal: LMDBJournal,
        as name: String = "--as-of"
    ) throws(CommandFailure) -> (position: Position, instant: Timestamp) {
        let reason: String
        do throws(JournalError) {
            let moment = try dated(in: journal)
            switch moment {
            case .time(let time):
                let position = try journal.position(at: time)
                if position > .zero {
                    noteDay(of: moment, as: name)
                    return (position, time)
                }
                let first = try Self.instant(of: .first, in: journal)
                reason =
                    "\(name) \(moment.text) is before the first event"
                    + (first.map { ", which was recorded at \($0.shortText)" } ?? "")
            case .position(let position):
                if let instant = try Self.instant(of: position, in: journal) {
                    return (position, instant)
                }
                reason = moment.isBeyond(try journal.head().lastPosition, as: name)
            }
        } catch {
            throw CommandFailure(error, path: journal.path)
        }
        throw CommandFailure(.badInput, reason)
    }

    /// When the event at a position was recorded; nil if there is none.
    private static func instant(
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
        if let span = try Self.span(text) {
            self = .before(span)
        } else {
            self = .time(try Arguments.time(text))
        }
    }

    /// A span that counts back from now; nil for a text that is none.
    static func span(_ text: String) throws(ValidationError) -> TimeSpan? {
        guard let span = try? TimeSpan(text: text) else { return nil }
        guard span >= .zero else {
            throw ValidationError("a span counts back as it is; give it without the sign")
        }
        return span
    }

    func instant(now: Timestamp) -> Timestamp {
        switch self {
        case .time(let time): time
        case .before(let span): now.adding(span.negated)
        }
    }
}
