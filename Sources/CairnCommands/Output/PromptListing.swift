internal import ArgumentParser
internal import CairnCore
internal import CairnDomains
internal import CairnIncident

/// How sessions of prompts are shown: under the names of the columns of seed 004, and our own.
enum PromptListing {
    private static let events = Listing<PromptEventLine>(
        columns: [
            .init("prompt_time") { .decimal($0.event.promptTime.description) },
            .init("uid") { .text($0.event.uid.name) },
            .init("evtype") { .text($0.event.act.kind.rawValue) },
            .init("data") { .json($0.event.act.data) },
            .init("created_at") { .time($0.event.createdAt) },
            .init("anomaly") { .text($0.flaw?.word) },
            .init("position") { .count($0.position.rawValue) },
        ],
        emptyText: ""
    )

    /// Prints one session with its events.
    static func print(_ sight: PromptSessionSight, as format: OutputFormat) throws(CommandFailure) {
        var details = Details()
        details.add("session", .text(sight.session.name))
        details.add("prompt", .text(sight.state.owner?.prompt))
        details.add("user", .text(sight.state.owner?.user))
        details.add("opened_at", .time(sight.openedAt))
        details.add("joined_at", .decimal(sight.state.joinedAt?.description))
        details.add("left_at", .decimal(sight.state.leftAt?.description))
        details.add("event_count", .count(sight.state.eventCount))
        details.add(
            "anomaly_count",
            .count(sight.state.anomalyCount),
            isInText: sight.state.anomalyCount > 0
        )
        details.add(
            "removed_count",
            .count(sight.state.removedCount),
            isInText: sight.state.removedCount > 0
        )
        details.add("is_present", .bool(sight.standing.isPresent))
        details.add("is_pressing", .bool(sight.standing.isPressing))
        details.add("like_count", .integer(sight.standing.likeCount))
        details.add("rating", .integer(sight.standing.rating))
        details.add("color", .integer(sight.standing.color?.index))
        details.add("word", .integer(sight.standing.word?.index))
        let lines = sight.events.map { OutputValue.object(events.members(of: $0)) }
        details.add("events", .array(lines), isInText: false)
        try details.print(
            as: format,
            followedBy: sight.events.isEmpty ? [] : [events.text(sight.events)]
        )
    }
}

extension Arguments {
    /// Reads the name of a session.
    static func promptSession(_ text: String) throws(ValidationError) -> PromptSessionID {
        do throws(PromptEventError) { return try PromptSessionID(text) } catch {
            throw ValidationError(error.description)
        }
    }
}
