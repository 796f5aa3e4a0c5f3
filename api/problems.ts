/** Every way a request can fail, on one page: stable code, HTTP status, words in both languages (RFC 9457). */
import type { Text } from '#domain/words.ts'

export type ProblemStatus = 400 | 401 | 403 | 404 | 405 | 406 | 409 | 412 | 413 | 415 | 422 | 428 | 500 | 503

export interface ProblemKind {
  readonly status: ProblemStatus
  readonly title: Text
  /** What the caller can do about it. */
  readonly detail: Text
}

const kind = (status: ProblemStatus, title: Text, detail: Text): ProblemKind => ({ status, title, detail })

/** A code never changes its meaning; new failures get new codes. */
export const problems = {
  // The request itself
  invalid_request: kind(
    400,
    { sv: 'Felaktig begäran', en: 'Invalid request' },
    { sv: 'Rätta det som står under errors och sänd igen.', en: 'Correct what errors lists and send again.' },
  ),
  malformed_json: kind(
    400,
    { sv: 'Felaktig JSON', en: 'Malformed JSON' },
    { sv: 'Innehållet går inte att läsa som JSON.', en: 'The body cannot be read as JSON.' },
  ),
  json_too_deep: kind(
    400,
    { sv: 'För djup JSON', en: 'JSON nested too deeply' },
    { sv: 'Högst 20 nivåer tas emot.', en: 'At most 20 levels are accepted.' },
  ),
  invalid_cursor: kind(
    400,
    { sv: 'Ogiltig markör', en: 'Invalid cursor' },
    {
      sv: 'Använd värdet i next från en tidigare sida med samma filter.',
      en: 'Use the value of next from an earlier page with the same filters.',
    },
  ),
  body_too_large: kind(
    413,
    { sv: 'För stort innehåll', en: 'Body too large' },
    { sv: 'Högst 256 KiB tas emot.', en: 'At most 256 KiB are accepted.' },
  ),
  batch_too_large: kind(
    413,
    { sv: 'För stor bunt', en: 'Batch too large' },
    {
      sv: 'Högst 200 händelser och 4 MiB tas emot på en gång; dela bunten.',
      en: 'At most 200 events and 4 MiB are accepted at once; split the batch.',
    },
  ),
  unsupported_media_type: kind(
    415,
    { sv: 'Okänd innehållstyp', en: 'Unsupported media type' },
    {
      sv: 'Sänd en innehållstyp som beskrivningen nämner, oftast application/json.',
      en: 'Send a media type that the description names, mostly application/json.',
    },
  ),
  method_not_allowed: kind(
    405,
    { sv: 'Metoden stöds inte här', en: 'Method not allowed here' },
    { sv: 'Huvudet Allow säger vad adressen svarar på.', en: 'The header Allow says what the address answers to.' },
  ),
  not_acceptable: kind(
    406,
    { sv: 'Formatet finns inte', en: 'Not available in that form' },
    { sv: 'Under offered står de format som finns.', en: 'See offered for the forms there are.' },
  ),
  not_in_log_yet: kind(
    503,
    { sv: 'Ännu inte i loggen', en: 'Not in the log yet' },
    {
      sv: 'Ingen bevittnad kontrollpunkt täcker ärendet än. Försök igen om några sekunder; dröjer det, se hur loggen mår.',
      en: 'No witnessed checkpoint covers the case yet. Try again in some seconds; if it takes longer, look how the log does.',
    },
  ),
  log_frozen: kind(
    503,
    { sv: 'Loggen står still', en: 'The log stands still' },
    {
      sv: 'Ingenting nytt kommer under en kontrollpunkt förrän en driftansvarig har sett efter: bevis log recover. Under because står varför.',
      en: 'Nothing new comes under a checkpoint until an operator has looked: bevis log recover. See because for why.',
    },
  ),
  record_damaged: kind(
    500,
    { sv: 'Det som loggen har sparat är skadat', en: 'What the log has stored is damaged' },
    {
      sv: 'Under where står vad, under because varför. Det lämnas inte ut; en driftansvarig återställer databasen från före skadan, och bevis log fsck säger om de publicerade filerna är hela.',
      en: 'See where for what, because for why. It is not given out; an operator restores the database from before the damage, and bevis log fsck tells whether the published files are whole.',
    },
  ),
  no_such_checkpoint: kind(
    404,
    { sv: 'Kontrollpunkten finns inte', en: 'No such checkpoint' },
    {
      sv: 'Ange storleken på en kontrollpunkt som har publicerats, eller ingen för den senaste.',
      en: 'Give the size of a checkpoint that was published, or none for the newest.',
    },
  ),
  several_subjects: kind(
    422,
    { sv: 'Flera personers ärenden', en: 'Cases of several persons' },
    {
      sv: 'Ett utdrag till den uppgifterna rör innehåller bara den personens ärenden; gör ett för var och en.',
      en: 'What is given to a data subject holds that person’s cases only; make one for each.',
    },
  ),
  package_too_large: kind(
    422,
    { sv: 'För stort underlag', en: 'Package too large' },
    {
      sv: 'Ett underlag rymmer högst 4 GiB. Dela upp det; en hel logg kan också hämtas fil för fil från sin öppna adress.',
      en: 'A package holds at most 4 GiB. Divide it; a whole log can also be fetched file by file from its public address.',
    },
  ),
  empty_population: kind(
    422,
    { sv: 'Inget att dra ur', en: 'Nothing to draw from' },
    {
      sv: 'Inget ärende avslutades under tiden med dessa villkor.',
      en: 'No case came to its end in that time under these conditions.',
    },
  ),
  idempotency_key_required: kind(
    400,
    { sv: 'Idempotency-Key saknas', en: 'Idempotency-Key missing' },
    {
      sv: 'Sänd ett eget slumpvärde i huvudet Idempotency-Key, så får samma begäran aldrig verkan två gånger.',
      en: 'Send a random value of your own in the header Idempotency-Key, so that the same request never takes effect twice.',
    },
  ),
  request_in_progress: kind(
    409,
    { sv: 'Begäran behandlas redan', en: 'The request is being carried out' },
    {
      sv: 'Samma Idempotency-Key används just nu. Vänta och sänd igen, så får du svaret.',
      en: 'The same Idempotency-Key is in use this moment. Wait and send again to get the answer.',
    },
  ),
  idempotency_key_reused: kind(
    422,
    { sv: 'Idempotency-Key använd till annat', en: 'Idempotency-Key used for something else' },
    { sv: 'Ta en ny nyckel för ett nytt innehåll.', en: 'Take a new key for new content.' },
  ),

  // Who is asking
  token_missing: kind(
    401,
    { sv: 'Inloggning krävs', en: 'Login required' },
    { sv: 'Sänd en åtkomsttoken: Authorization: Bearer …', en: 'Send an access token: Authorization: Bearer …' },
  ),
  token_invalid: kind(
    401,
    { sv: 'Ogiltig åtkomsttoken', en: 'Invalid access token' },
    {
      sv: 'Token är felaktig, utgången, från en annan utfärdare eller ämnad för någon annan.',
      en: 'The token is malformed, expired, from another issuer or meant for somebody else.',
    },
  ),
  insufficient_user_authentication: kind(
    401,
    { sv: 'Logga in på nytt', en: 'Log in again' },
    {
      sv: 'Åtgärden kräver en inloggning som är högst fem minuter gammal.',
      en: 'The act needs a login at most five minutes old.',
    },
  ),
  emitter_not_authenticated: kind(
    401,
    { sv: 'Avsändaren är inte styrkt', en: 'The sender is not authenticated' },
    {
      sv: 'Signera händelsen med en nyckel som lärosätets register har för avsändaren; ingenting har sparats.',
      en: 'Sign the event with a key the institution’s register has for the emitter; nothing was stored.',
    },
  ),
  login_unreachable: kind(
    503,
    { sv: 'Inloggningstjänsten svarar inte', en: 'The login service does not answer' },
    { sv: 'Token kunde inte prövas. Försök igen.', en: 'The token could not be checked. Try again.' },
  ),
  role_required: kind(
    403,
    { sv: 'Rollen räcker inte', en: 'Role does not allow this' },
    {
      sv: 'Lärosätets register ger dig ingen roll som får göra detta.',
      en: 'The institution’s register gives you no role that may do this.',
    },
  ),
  not_appointed: kind(
    403,
    { sv: 'Inte utsedd i ärendet', en: 'Not appointed to the case' },
    { sv: 'Bara den som är utsedd i ärendet får besluta.', en: 'Only who is appointed to the case may decide.' },
  ),
  separation: kind(
    403,
    { sv: 'Jäv eller oförenliga uppgifter', en: 'Conflict of interest or duties' },
    {
      sv: 'Du har haft en uppgift i ärendet som inte går att förena med beslutet.',
      en: 'You have had a part in the case that cannot be combined with the decision.',
    },
  ),

  // What was asked for
  unknown_person: kind(
    422,
    { sv: 'Okänd person', en: 'Unknown person' },
    { sv: 'Personen finns inte i lärosätets register.', en: 'The person is not in the institution’s register.' },
  ),
  other_case: kind(
    422,
    { sv: 'Händelsen hör inte till ärendet', en: 'The event belongs to another case' },
    {
      sv: 'Den ska gälla samma lärande, kurstillfälle, försök och provtillfälle.',
      en: 'It must be about the same learner, offering, attempt and occasion.',
    },
  ),
  evidence_refused: kind(
    422,
    { sv: 'Händelsen togs inte emot', en: 'The event was not accepted' },
    {
      sv: 'Under refusal och errors står varför. Den ska vara undertecknad av en registrerad källa som får säga detta.',
      en: 'See refusal and errors for why. It must be signed by a registered emitter that may say this.',
    },
  ),
  not_found: kind(
    404,
    { sv: 'Finns inte', en: 'Not found' },
    { sv: 'Det finns inget sådant här för dig.', en: 'There is no such thing here for you.' },
  ),

  // How things stand
  precondition_required: kind(
    428,
    { sv: 'If-Match saknas', en: 'If-Match missing' },
    {
      sv: 'Läs det först och sänd dess ETag i If-Match, så att du inte beslutar om något annat än du sett.',
      en: 'Read it first and send its ETag in If-Match, so that you do not decide on anything but what you saw.',
    },
  ),
  precondition_failed: kind(
    412,
    { sv: 'Det har ändrats', en: 'It has changed' },
    { sv: 'Läs det igen och besluta om det du då ser.', en: 'Read it again and decide on what you then see.' },
  ),
  stale: kind(
    409,
    { sv: 'Underlaget har ändrats', en: 'The evidence has changed' },
    {
      sv: 'Det du såg gäller inte längre. Läs ärendet igen.',
      en: 'What you saw no longer holds. Read the case again.',
    },
  ),
  wrong_state: kind(
    409,
    { sv: 'Går inte i detta läge', en: 'Not possible in this state' },
    { sv: 'Det väntar inte på detta.', en: 'It does not wait for this.' },
  ),
  sample_unopened: kind(
    409,
    { sv: 'Stickprovet är inte öppnat', en: 'The sample has not been opened' },
    { sv: 'Öppna ärendena under unopened först.', en: 'Open the cases that unopened lists first.' },
  ),
  list_unfit: kind(
    422,
    { sv: 'Ärenden som inte kan stå i listan', en: 'Cases that cannot stand in the list' },
    {
      sv: 'Under cases står vilka och varför; besluta om dem ett och ett.',
      en: 'See cases for which and why; decide on them one by one.',
    },
  ),
  register_conflict: kind(
    409,
    { sv: 'Registret kan inte bli så', en: 'The register cannot become this' },
    {
      sv: 'Under conflicts står vad som redan används eller är givet. Ändra filerna och föreslå igen.',
      en: 'See conflicts for what is in use or given already. Change the files and propose again.',
    },
  ),
  own_proposal: kind(
    403,
    { sv: 'Eget förslag', en: 'A proposal of your own' },
    {
      sv: 'Någon annan än den som föreslog ska godkänna.',
      en: 'Somebody other than the proposer has to approve.',
    },
  ),
  revocation_open: kind(
    409,
    { sv: 'En återkallelse pågår', en: 'A revocation is under way' },
    { sv: 'Beviset har redan ett förslag eller ett beslut.', en: 'The credential already has a proposal or decision.' },
  ),
  revocation_refused: kind(
    403,
    { sv: 'Återkallelsen får inte ske så', en: 'The revocation may not happen like this' },
    {
      sv: 'Under findings står vad som talar emot: två utsedda handläggare, den andra inte nämnd i ärendet.',
      en: 'See findings: it takes two appointed officers, the second not named in the case.',
    },
  ),
  nothing_to_appeal: kind(
    422,
    { sv: 'Inget beslut att pröva', en: 'No decision to judge' },
    {
      sv: 'Under against ska stå ett beslut, en återkallelse eller ett avgörande i ärendet, eller outcome när ärendet är avslutat.',
      en: 'Name a decision, a revocation or a decided appeal of the case under against, or outcome once the case has ended.',
    },
  ),
  appeal_open: kind(
    409,
    { sv: 'Prövas redan', en: 'Under way already' },
    {
      sv: 'Under appeal står den begäran mot samma beslut som inte är avslutad.',
      en: 'See appeal for the one against the same decision that is not closed.',
    },
  ),
  handler_refused: kind(
    403,
    { sv: 'Någon annan ska pröva', en: 'Somebody else has to judge' },
    {
      sv: 'Under findings står vad som talar emot: det ska vara en utsedd handläggare utan jäv som inte har haft del i det som prövas.',
      en: 'See findings: it takes an appointed officer without a conflict of interest who took no part in what is judged.',
    },
  ),
  follow_up_demanded: kind(
    422,
    { sv: 'Det som följde saknas', en: 'What followed is missing' },
    {
      sv: 'Ange under followed vad som hände efter avgörandet: ett nytt beslut, en verkställd återkallelse eller ett nytt ärende för samma person. Under unfit står det som inte är sådant.',
      en: 'Name under followed what happened after it was decided: a new decision, a revocation carried out, or a new case of the same person. See unfit for what is none.',
    },
  ),
  measures_demanded: kind(
    422,
    { sv: 'Åtgärder saknas', en: 'Measures are missing' },
    {
      sv: 'Ange under measures vad som görs åt det klagomålet hade rätt i.',
      en: 'Say under measures what is done about what the complaint was right in.',
    },
  ),

  erasure_open: kind(
    409,
    { sv: 'En radering pågår', en: 'An erasure is under way' },
    {
      sv: 'Om detta finns redan ett förslag eller ett beslut.',
      en: 'There is a proposal or decision about it already.',
    },
  ),
  erasure_blocked: kind(
    409,
    { sv: 'Något hindrar raderingen', en: 'Something holds the erasure back' },
    { sv: 'Under blocker står vad; avhjälp det först.', en: 'See blocker, and mend that first.' },
  ),
  erasure_unfounded: kind(
    422,
    { sv: 'Grunden räcker inte', en: 'The ground does not suffice' },
    { sv: 'Under lacks står vad som fattas.', en: 'See lacks for what is missing.' },
  ),
  own_data: kind(
    403,
    { sv: 'Egna uppgifter', en: 'Data of your own' },
    {
      sv: 'Om sig själv beslutar ingen; låt någon annan göra det.',
      en: 'Nobody decides about themselves; let somebody else.',
    },
  ),

  protected_identity: kind(
    403,
    { sv: 'Skyddade personuppgifter', en: 'A protected identity' },
    {
      sv: 'Det visas bara för den som är utsedd dataskyddshandläggare, och ändamålet loggas.',
      en: 'It is shown to an appointed privacy officer only, and the purpose is logged.',
    },
  ),

  still_refused: kind(
    409,
    { sv: 'Händelsen godtas fortfarande inte', en: 'The event is still not accepted' },
    { sv: 'Orsaken är inte avhjälpt.', en: 'Its cause has not been mended.' },
  ),

  // Ourselves
  internal: kind(
    500,
    { sv: 'Fel hos oss', en: 'Our fault' },
    {
      sv: 'Inget har ändrats. Ange traceId om du hör av dig.',
      en: 'Nothing was changed. Quote traceId when you get in touch.',
    },
  ),
  unavailable: kind(
    503,
    { sv: 'Tillfälligt nere', en: 'Unavailable for the moment' },
    { sv: 'En tjänst vi behöver svarar inte. Försök igen.', en: 'A service we need does not answer. Try again.' },
  ),
} as const satisfies Record<string, ProblemKind>

export type ProblemCode = keyof typeof problems
