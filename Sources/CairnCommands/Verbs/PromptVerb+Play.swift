internal import ArgumentParser
internal import CairnCore
internal import CairnDomains
internal import CairnServices

extension PromptVerb {
    /// Prints what a viewer sees between two moments.
    func play(_ times: ClosedRange<PromptTime>, _ open: OpenView) async throws {
        var events: [PromptEvent] = []
        let leftOutCount: UInt64
        do throws(PromptSessionsError) {
            let before = try? PromptTime(times.lowerBound.seconds.nextDown)
            let playback = try await PromptPlayback(
                of: prompt,
                in: open.journal,
                after: before,
                sampling: sample.map { PromptSampling(eventCountMax: $0) } ?? .all
            )
            playback.advance(to: times.upperBound)
            playback.end()
            var iterator = playback.makeAsyncIterator()
            while let played = try await iterator.next() {
                // What is recorded while this runs is for those who watch.
                if !played.isLive { events.append(played.event) }
            }
            leftOutCount = playback.leftOutCount
        } catch {
            throw CommandFailure(error, path: open.path)
        }
        try Self.eventListing.print(events, as: read.format)
        if leftOutCount > 0 {
            Terminal.note(
                "cairn: prompt: left out of the sample: "
                    + TouchListing.counted(leftOutCount, "event")
            )
        }
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
