/// The words that events store as one byte: the stages and event types of seed 002.
///
/// Part of the payload's format, so the list only ever grows at its end. It gives words short
/// forms and nothing more; what they mean is the definition's part.
enum PipelineVocabulary {
    /// Stands for a word that is not in the list and follows as text.
    static let literal: UInt8 = 0

    /// The words in the order of their codes; the first has code 1.
    static let words: [String] = [
        "ORCHESTRATION", "PARSING", "VALIDATION", "ENRICHMENT", "ATTACHMENT", "CONVERSION",
        "API_CONNECTOR", "RESPONSE_BUILDER", "CALLBACK_HANDLER", "SUBSCRIPTION_HANDLER",
        "OUTBOX_PUBLISHER",
        "REQUEST_RECEIVED", "WORKFLOW_START", "WORKFLOW_COMPLETE",
        "PARSE_START", "PARSE_OK", "PARSE_FAIL",
        "VAL_START", "VAL_OK", "VAL_FAIL",
        "ENRICH_START", "ENRICH_OK", "ENRICH_FAIL",
        "ATTACH_START", "ATTACH_OK", "ATTACH_FAIL",
        "CDEX_PULL_START", "CDEX_PULL_OK", "CDEX_PULL_FAIL",
        "CONVERT_START", "CONVERT_OK", "CONVERT_FAIL",
        "DOWNSTREAM_START", "DOWNSTREAM_OK", "DOWNSTREAM_FAIL", "DOWNSTREAM_TIMEOUT",
        "DOWNSTREAM_ERROR",
        "RESPONSE_START", "RESPONSE_OK", "RESPONSE_FAIL",
        "CALLBACK_START", "CALLBACK_OK", "CALLBACK_FAIL",
        "NOTIFY_START", "NOTIFY_OK", "NOTIFY_FAIL",
        "PUBLISH_START", "PUBLISH_OK", "PUBLISH_FAIL",
        "PARSER", "VALIDATOR", "ENRICHER", "CONVERTER",
    ]

    /// The greatest code that is given out: a constant, so that folds need not look it up.
    static let codeMax: UInt8 = 53

    private static let codes = Dictionary(
        uniqueKeysWithValues: words.enumerated().map { ($1, UInt8($0 + 1)) }
    )

    /// The code of a word; ``literal`` where it has none.
    static func code(of word: String) -> UInt8 {
        // Only the same bytes are the same word; text compares more loosely.
        guard let code = codes[word], words[Int(code) - 1].utf8.elementsEqual(word.utf8) else {
            return literal
        }
        return code
    }

    /// The word with a code; nil for ``literal`` and for codes that are not given out.
    static func word(of code: UInt8) -> String? {
        words.indices.contains(Int(code) - 1) ? words[Int(code) - 1] : nil
    }
}
