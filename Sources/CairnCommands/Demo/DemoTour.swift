/// What the demo shows: one command after the other, each with the question it answers.
struct DemoTour {
    struct Stop {
        let question: String
        let arguments: [String]

        /// The command as a shell takes it.
        var command: String {
            (["cairn"] + arguments.map(Self.quoted)).joined(separator: " ")
        }

        private static func quoted(_ argument: String) -> String {
            let isPlain = argument.utf8.allSatisfy { byte in
                switch byte {
                case 48...58, 65...90, 97...122, 0x2C, 0x2D, 0x2E, 0x2F, 0x5F: true
                default: false
                }
            }
            return isPlain ? argument : "'\(argument)'"
        }
    }

    let stops: [Stop]

    init(_ day: DemoDay) {
        let now = DemoDay.end.shortText
        stops = [
            Stop(
                question: "Which requests came last, and where do they stand?",
                arguments: ["requests", "--limit", "5", "--now", now]
            ),
            Stop(
                question: "Which requests do not get on?",
                arguments: ["stuck", "--now", now]
            ),
            Stop(
                question: "What happened to the stuck one?",
                arguments: ["timeline", day.stuckRequest]
            ),
            Stop(
                question: "Which failures are due to be tried again, and not made good yet?",
                arguments: ["retries", "--open", "--now", now]
            ),
            Stop(
                question: "How did a request go that failed twice and then went through?",
                arguments: ["timeline", day.retriedRequest]
            ),
            Stop(
                question: "Where does the request stand that was reopened after its end?",
                arguments: ["state", day.reopenedRequest]
            ),
            Stop(
                question: "And where did it stand an hour after it had first ended?",
                arguments: ["state", day.reopenedRequest, "--as-of", day.endOfFirstPart.shortText]
            ),
            Stop(
                question: "What happened today, by event type?",
                arguments: ["stats", "--now", now]
            ),
            Stop(
                question: "Which stages are slow?",
                arguments: ["slowest", "--limit", "5", "--now", now]
            ),
            Stop(
                question: "Which claims have more than ten diagnoses?",
                arguments: [
                    "find", "--type", "PARSE_OK", "--where", "metadata.diagnosisCount > 10",
                    "--columns", "pagw_id,metadata.diagnosisCount,duration_ms,created_at",
                ]
            ),
            Stop(
                question: "Is every byte as it was written?",
                arguments: ["verify"]
            ),
        ]
    }
}
