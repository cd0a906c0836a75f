internal import CairnCore
internal import CairnDomains

/// Stand-ins for the texts of a history: the same one for the same text, and another one for
/// another text, numbered by what the text was first and in the order of the events.
///
/// What the pipeline's definition names stays: it is printed with the test, or everybody's.
struct Pseudonyms {
    private let words: DefinitionWords
    private var standIns: NumberedStandIns

    /// Prepares for a request.
    ///
    /// - Parameters:
    ///   - definition: The rules that the request is read by.
    ///   - request: Its id.
    ///   - rows: All that it has, also what the test leaves out.
    init(_ definition: PipelineDefinition, request: String, of rows: [EventRow]) {
        words = DefinitionWords(definition)
        var taken = words.all
        taken.insert(ExactText(request))
        for row in rows {
            _ = words.renamed(
                row.event,
                name: { text, _ in
                    taken.insert(ExactText(text))
                    return text
                }
            )
        }
        standIns = NumberedStandIns(besides: taken)
        _ = standIns.name(of: request, as: "request")
    }

    /// An event in which only the words of the definition, numbers and times are the recorded
    /// ones.
    mutating func event(_ event: PipelineEvent) -> PipelineEvent {
        words.renamed(event, name: { text, kind in standIns.name(of: text, as: kind) })
    }
}
