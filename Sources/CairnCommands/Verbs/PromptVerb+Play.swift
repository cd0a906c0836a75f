internal import ArgumentParser
internal import CairnCore
internal import CairnDomains
internal import CairnIncident
internal import CairnServices

extension PromptVerb {
    /// Prints what a viewer sees between two moments.
    func play(_ times: ClosedRange<PromptTime>, _ open: OpenView) async throws {
        let sampling = sample.map { PromptSampling(eventCountMax: $0) } ?? .all
        let (events, leftOutCount) =
            if let view = try await view(open) {
                try await counted(times, sampling, view, open)
            } else {
                try await played(times, sampling, open)
            }
        try Self.eventListing.print(events, as: read.format)
        if leftOutCount > 0 {
            Terminal.note(
                "cairn: prompt: left out of the sample: "
                    + Wording.counted(leftOutCount, "event")
            )
        }
    }

    /// What a viewer of the tables sees.
    private func played(
        _ times: ClosedRange<PromptTime>,
        _ sampling: PromptSampling,
        _ open: OpenView
    ) async throws(CommandFailure) -> (events: [PromptEvent], leftOutCount: UInt64) {
        var events: [PromptEvent] = []
        do throws(PromptSessionsError) {
            let playback = try await PromptPlayback(
                of: prompt,
                in: open.journal,
                after: try? PromptTime(times.lowerBound.seconds.nextDown),
                sampling: sampling
            )
            playback.advance(to: times.upperBound)
            playback.end()
            var iterator = playback.makeAsyncIterator()
            while let played = try await iterator.next() {
                // What is recorded while this runs is for those who watch.
                if !played.isLive { events.append(played.event) }
            }
            return (events, playback.leftOutCount)
        } catch {
            throw CommandFailure(error, path: open.path)
        }
    }

    /// The same from the events of the prompt, which is less than tables of all prompts.
    private func counted(
        _ times: ClosedRange<PromptTime>,
        _ sampling: PromptSampling,
        _ view: PromptView,
        _ open: OpenView
    ) async throws(CommandFailure) -> (events: [PromptEvent], leftOutCount: UInt64) {
        var whole = times
        if sampling.eventCountMax != nil {
            // What is chosen of a second is chosen among all of it.
            let first = PromptSecond.containing(times.lowerBound)
            let start = (try? PromptTime(Double(first))) ?? times.lowerBound
            let end = PromptTime.end(ofSecond: PromptSecond.containing(times.upperBound))
            whole = min(start, times.lowerBound)...max(end, times.upperBound)
        }
        let all = try await reading(open.path) { () async throws(IncidentError) in
            try await view.events(ofPrompt: prompt, in: whole)
        }
        let events = sampling.chosen(of: all).filter { times.contains($0.promptTime) }
        let count = all.count { times.contains($0.promptTime) }
        return (events, UInt64(count - events.count))
    }

    private static let eventListing = Listing<PromptEvent>(
        columns: [
            .init("prompt_time") { .decimal($0.promptTime.description) },
            .init("uid") { .text($0.uid.name) },
            .init("evtype") { .text($0.act.kind.rawValue) },
            .init("data") { .json($0.act.data) },
            .init("created_at") { .time($0.createdAt) },
        ],
        emptyText: "nothing happens in that time"
    )
}

extension Arguments {
    /// Reads a range of prompt times in seconds.
    static func promptTimes(_ text: String) throws(ValidationError) -> ClosedRange<PromptTime> {
        let parts = text.split(separator: "..", omittingEmptySubsequences: false)
        guard parts.count == 2, let first = Double(parts[0]).flatMap({ try? PromptTime($0) }),
            let last = Double(parts[1]).flatMap({ try? PromptTime($0) }), first <= last
        else {
            throw ValidationError(
                "'\(text)' is no range of times: give one such as 0..60 or 2.5..4"
            )
        }
        return first...last
    }
}
