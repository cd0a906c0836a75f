import Cairn

// The samples of the article on touches, system events and prompts; ``OtherSystemsTests`` compares
// them with the lines between the marks, and runs them.

// begin
func remind(_ user: String, through touches: TouchLog) -> TouchUID {
    let attempt = TouchAttempt(queuedAt: 1_766_650_500, channel: .sms, event: "daily_reminder")
    let parent = touches.log(.sendAttempt(attempt), of: user)
    touches.log(.sendSuccess(parent: "\(parent)", destination: "+15550100"), of: user)
    return parent
}
// end

// begin
func reportFallback(to lead: LeadID, in journal: LMDBJournal) async throws -> [SystemEventRow] {
    let events = SystemEvents(journal: journal)
    try await events.record(
        .templateFallbackUsed(templateName: "follow_up", windowExpiresAt: nil, leadID: lead)
    )
    try await events.warn("calendar.no_slots", leadID: lead, payload: #"{"days":7}"#)
    return try await events.board.list(SystemEventQuery(leadID: lead)).rows
}
// end

// begin
func play(_ prompt: String, in journal: LMDBJournal) async throws -> PromptTotals? {
    let sessions = PromptSessions(journal: journal)
    let session = try PromptSessionID("s-1")
    try await sessions.join(session, of: PromptSessionOwner(prompt: prompt, user: "u-1"))
    try await sessions.like(session, at: PromptTime(12.5))
    try await sessions.numericResponse(session, rating: 4, at: PromptTime(20))
    return try await PromptBoard(journal).totals(ofPrompt: prompt, at: PromptTime(15))
}
// end
