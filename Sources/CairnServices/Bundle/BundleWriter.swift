internal import CairnCore
public import CairnIncident
public import CairnJournal

/// Writes bundles into journals of their own.
public enum BundleWriter {
    /// Fills an empty journal with a bundle.
    ///
    /// The journal's clock must be later than all that it is given, or recorded times are cut off
    /// there. Where an error is thrown, what was written by then is of no use.
    ///
    /// - Parameters:
    ///   - bundle: What to write; it is asked at the end to check what was written.
    ///   - manifest: What it says of itself.
    ///   - definition: An event that holds the pipeline's definition, and its stream; nil where
    ///     requests are read by the built-in one.
    ///   - journal: Where to; nothing else may write to it.
    ///   - shouldStop: Is asked now and then whether to go on.
    /// - Returns: How many events are there without their contents.
    /// - Throws: `BundleError`.
    public static func write(
        _ bundle: some BundledEvents,
        _ manifest: BundleManifest,
        definition: StreamAppend?,
        to journal: any Journal,
        shouldStop: () -> Bool = { false }
    ) async throws(BundleError) -> Int {
        var bundle = bundle
        do throws(JournalError) {
            try await journal.append(
                [try first(manifest, recordedAt: bundle.beginsAt)] + [definition].compactMap { $0 }
            )
        } catch {
            throw .target(error)
        }
        while !shouldStop() {
            let events = try await bundle.nextEvents()
            guard !events.isEmpty else {
                try await bundle.check(journal, shouldStop: shouldStop)
                if shouldStop() { throw .stopped }
                return bundle.withheldCount
            }
            try await append(events, to: journal)
        }
        throw .stopped
    }

    private static func first(
        _ manifest: BundleManifest,
        recordedAt: Timestamp
    ) throws(JournalError) -> StreamAppend {
        do throws(LimitError) {
            return StreamAppend(
                [try manifest.newEvent(recordedAt: recordedAt)],
                to: try BundleManifest.stream()
            )
        } catch {
            throw .limit(error)
        }
    }

    private static func append(
        _ events: [IncidentBundle.Event],
        to journal: any Journal
    ) async throws(BundleError) {
        let repetition: Position?
        do throws(JournalError) {
            repetition = try await journal.turn { scope throws(JournalError) in
                for event in events {
                    let receipts = try scope.append(
                        [event.event],
                        to: event.stream,
                        expecting: .any
                    )
                    if receipts.contains(where: \.isDuplicate) { return event.position }
                }
                return nil
            }
        } catch {
            throw .target(error)
        }
        if let repetition { throw .repetition(position: repetition) }
    }
}
