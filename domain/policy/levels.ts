/**
 * The decision table of the six bands, cell by cell. `seed` cells are stated by the seed, `reading` cells are ours
 * (docs/levels.md says why). A change of a cell is a new version of the table; institutions may only tighten.
 */
import { durations, gatherings, projects, reading, seed, takingPart } from '#domain/policy/cell.ts'
import type { Profile, Profiles } from '#domain/policy/profile.ts'

const bandA: Profile = {
  band: 'A',
  term: 'mikromerit',
  loa: seed('A.loa', 'Tillitsnivå minst 3', 'LoA 3 or higher', { atLeast: 3, orProctored: false }),
  separation: seed(
    'A.separation',
    'Den som certifierar och utfärdar är en annan organisation än den som utbildar (juridisk person och ägargrupp). Bedömare och granskare har inte undervisat den lärande på 730 dagar och har inte samma arbetsgivare; granskare är varken bedömare eller provvakter',
    'Who certifies and issues is another organisation than who trains (legal body and owner group). Scorers and approvers have not taught the learner for 730 days and have not the same employer; approvers are neither scorers nor invigilators',
    {
      organisations: true,
      scorers: 'all',
      scorersNotEmployer: true,
      approver: ['not-teacher', 'not-scorer', 'not-invigilator', 'not-employer'],
      confirmerNotLearner: true,
      checkerNotTeacher: true,
      teachingDays: 730,
      teachersKnown: true,
    },
  ),
  assessment: seed(
    'A.assessment',
    'Summativ och praktisk bedömning (typ OSCE) av tredje part mot säkrad branschstandard',
    'Summative and practical assessment (OSCE type) by the third party against an assured industry standard',
    { needs: 'summative-practical', thirdParty: true, standard: true, activities: [] },
  ),
  supervision: reading(
    'A.supervision',
    'På plats med legitimationskontroll, eller på distans med mänsklig provvakt',
    'On site with identity check, or online with a human invigilator',
    { ways: ['on-site-id-check', 'online-human'] },
  ),
  identity: seed(
    'A.identity',
    'Giltig identitetshandling per person, eller färsk inloggning på nivån med jämförelse av en människa i stunden',
    'Valid identity document per person, or a fresh login at the level with a live human match',
    { ways: ['document', 'login-live-match'] },
  ),
  premises: reading(
    'A.premises',
    'Godkänd lokal och utrustning bekräftad per station; virtuellt: godkänd miljö, rum och enhet kontrollerade',
    'Approved place and equipment confirmed per station; virtual: approved environment, room and device checked',
    { demands: 'approved' },
  ),
  attendance: seed(
    'A.attendance',
    'Rutin med version, och närvaro per person för delar och prov',
    'Versioned routine, and a record per person for parts and exam',
    { demands: 'routine', share: 0 },
  ),
  coverage: seed(
    'A.coverage',
    'Varje läranderesultat mot ett godkänt resultat av tredje part med uppgift eller station angiven; färdigheter praktiskt; proven i utbildningen kontrolleras',
    'Every outcome against a passed third-party result with item or station named; skills by practical; tests inside the training controlled',
    { demands: 'every-outcome-by-item', skillsPractical: true, controlledTests: true },
  ),
  definition: seed(
    'A.definition',
    'Strukturerade, kontrollerbara läranderesultat; standard med version; nivåplacering eller godkännande; metod; nivå och poäng där de gäller',
    'Structured, verifiable outcomes; standard with version; placement or approval; method; level and credits where they apply',
    { demands: ['outcomes-structured', 'standard', 'placement-or-approval', 'method', 'credits-or-level'] },
  ),
  mandate: seed(
    'A.mandate',
    'Mandat på branschens uppdrag eller som branschens eget organ, och ackreditering; giltiga vid provet och vid beslutet',
    "Mandate on the sector's commission or as the sector's own body, and accreditation; valid at occasion and at decision",
    {
      bases: ['sector-commission', 'sector-own'],
      accreditation: true,
      higherEducation: false,
      examinerAppointed: false,
    },
  ),
  approvers: reading(
    'A.approvers',
    'Två: extern granskare och utfärdarens beslutsfattare, olika personer, med egen tillitsnivå minst som den lärandes',
    "Two: external reviewer and the issuer's decision-maker, different persons, own LoA at least the learner's",
    {
      roles: [['external-reviewer'], ['decision-maker']],
      appointedByHigherEducation: false,
      ownLoa: true,
      confirmation: false,
    },
  ),
  durations,
}

const bandB: Profile = {
  band: 'B-C1',
  term: 'certifikat',
  loa: reading('B-C1.loa', 'Tillitsnivå minst 3', 'LoA 3 or higher', { atLeast: 3, orProctored: false }),
  separation: reading(
    'B-C1.separation',
    'Minst en bedömare per behövt resultat har inte undervisat den lärande; granskaren har inte undervisat, är inte bedömare och hör inte till den lärandes enhet eller linje',
    "At least one scorer of each needed result has not taught the learner; the approver has not taught, is no scorer and is not of the learner's unit or line",
    {
      organisations: false,
      scorers: 'one-per-result',
      scorersNotEmployer: false,
      approver: ['not-teacher', 'not-scorer', 'not-unit-or-line'],
      confirmerNotLearner: true,
      checkerNotTeacher: true,
      teachingDays: 0,
      teachersKnown: true,
    },
  ),
  assessment: seed('B-C1.assessment', 'Summativ och praktisk bedömning', 'Summative and practical assessment', {
    needs: 'summative-practical',
    thirdParty: false,
    standard: false,
    activities: [],
  }),
  supervision: reading(
    'B-C1.supervision',
    'På plats med legitimationskontroll, eller på distans med mänsklig provvakt',
    'On site with identity check, or online with a human invigilator',
    { ways: ['on-site-id-check', 'online-human'] },
  ),
  identity: reading(
    'B-C1.identity',
    'Giltig identitetshandling per person, eller färsk inloggning på nivån med jämförelse av en människa i stunden',
    'Valid identity document per person, or a fresh login at the level with a live human match',
    { ways: ['document', 'login-live-match'] },
  ),
  premises: reading('B-C1.premises', 'Lokal namngiven och bekräftad', 'Place named and confirmed', {
    demands: 'confirmed',
  }),
  attendance: reading(
    'B-C1.attendance',
    'Obligatoriska delar fullgjorda och närvarolista vid provet',
    'Compulsory parts attended and a roster at the exam',
    { demands: 'compulsory-parts', share: 0 },
  ),
  coverage: reading(
    'B-C1.coverage',
    'Varje läranderesultat summativt, färdigheter praktiskt',
    'Every outcome summative, skills practical',
    { demands: 'every-outcome-summative', skillsPractical: true, controlledTests: false },
  ),
  definition: seed(
    'B-C1.definition',
    'Behörighetsgivande och tillgodoräkningsbar, med grund; kursplan och läranderesultat',
    'Eligibility-giving and creditable, with basis; syllabus and outcomes',
    { demands: ['eligibility', 'creditable', 'syllabus', 'outcomes'] },
  ),
  mandate: seed(
    'B-C1.mandate',
    'Lärosäte, med av det utsedd examinator, giltigt vid provet och vid beslutet',
    'Higher education institution, with an examiner appointed by it, valid on both dates',
    { bases: ['higher-education'], accreditation: false, higherEducation: true, examinerAppointed: true },
  ),
  approvers: seed(
    'B-C1.approvers',
    'En examinator utsedd av lärosätet, med egen tillitsnivå minst som den lärandes',
    "One examiner appointed by the higher education institution, own LoA at least the learner's",
    { roles: [['examiner']], appointedByHigherEducation: true, ownLoa: true, confirmation: false },
  ),
  durations,
}

const bandC: Profile = {
  band: 'C2-D',
  term: 'diplom',
  loa: reading('C2-D.loa', 'Tillitsnivå minst 2', 'LoA 2 or higher', { atLeast: 2, orProctored: false }),
  separation: reading(
    'C2-D.separation',
    'Granskaren har inte undervisat den lärande',
    'The approver has not taught the learner',
    {
      organisations: false,
      scorers: 'none',
      scorersNotEmployer: false,
      approver: ['not-teacher'],
      confirmerNotLearner: true,
      checkerNotTeacher: false,
      teachingDays: 0,
      teachersKnown: true,
    },
  ),
  assessment: seed(
    'C2-D.assessment',
    'Formativt test och summativ examination',
    'Formative test and summative assessment',
    {
      needs: 'formative-and-summative',
      thirdParty: false,
      standard: false,
      activities: [],
    },
  ),
  supervision: reading('C2-D.supervision', 'Övervakad, på något sätt', 'Supervised, in any way', { ways: 'any' }),
  identity: reading(
    'C2-D.identity',
    'Identitetshandling, närvarolista mot inloggning på nivån, eller inloggning med jämförelse',
    'Identity document, roster against a login at the level, or a login with a live match',
    { ways: ['document', 'roster', 'login-live-match'] },
  ),
  premises: reading('C2-D.premises', 'Lokal eller miljö namngiven', 'Place or environment named', { demands: 'named' }),
  attendance: reading('C2-D.attendance', 'Närvarolista', 'Roster', { demands: 'roster', share: 0 }),
  coverage: reading('C2-D.coverage', 'Varje läranderesultat summativt', 'Every outcome summative', {
    demands: 'every-outcome-summative',
    skillsPractical: false,
    controlledTests: false,
  }),
  definition: seed(
    'C2-D.definition',
    'Kursbeskrivning, läranderesultat och fastställd kursplan',
    'Course description, outcomes and established syllabus',
    { demands: ['course-description', 'outcomes', 'syllabus'] },
  ),
  mandate: reading(
    'C2-D.mandate',
    'Den som fastställt kursplanen; uppdragsgivaren om det är uppdragsutbildning',
    'The body that established the syllabus; the commissioner if contract education',
    {
      bases: ['established-syllabus', 'commissioner', 'higher-education', 'sector-commission', 'sector-own'],
      accreditation: false,
      higherEducation: false,
      examinerAppointed: false,
    },
  ),
  approvers: reading(
    'C2-D.approvers',
    'En utsedd, med egen tillitsnivå minst som den lärandes',
    "One appointed person, own LoA at least the learner's",
    {
      roles: [['examiner', 'external-reviewer', 'decision-maker']],
      appointedByHigherEducation: false,
      ownLoa: true,
      confirmation: false,
    },
  ),
  durations,
}

const bandD: Profile = {
  band: 'D-E',
  term: 'intyg',
  loa: reading(
    'D-E.loa',
    'Tillitsnivå minst 2, eller identitet kontrollerad av provvakt',
    'LoA 2 or higher, or proctored identity',
    {
      atLeast: 2,
      orProctored: true,
    },
  ),
  separation: reading('D-E.separation', 'Den som bekräftar är inte den lärande', 'Who confirms is not the learner', {
    organisations: false,
    scorers: 'none',
    scorersNotEmployer: false,
    approver: [],
    confirmerNotLearner: true,
    checkerNotTeacher: false,
    teachingDays: 0,
    teachersKnown: false,
  }),
  assessment: seed(
    'D-E.assessment',
    'Ett av: (1) kurs med formativt (eller summativt) test; (2) webbinarium, temakafé eller presentation med gruppdiskussion; (3) kursutvecklingsprojekt, provvaktsutbildning och liknande',
    'One of: (1) course with a formative (or summative) test; (2) webinar, theme café or presentation with group discussion; (3) course-development project, invigilator training and the like',
    { needs: 'route', thirdParty: false, standard: false, activities: [...gatherings, ...projects] },
  ),
  supervision: seed('D-E.supervision', 'Ingen', 'None', { ways: 'none' }),
  identity: seed(
    'D-E.identity',
    'Själva tillfället på nivån, eller identitet kontrollerad av provvakt',
    'The session itself at the level, or proctored identity',
    { ways: ['session', 'document', 'roster', 'login-live-match', 'proctored'] },
  ),
  premises: reading('D-E.premises', 'Plats eller plattform namngiven', 'Place or platform named', { demands: 'where' }),
  attendance: seed(
    'D-E.attendance',
    'Säkrad närvaro; väg 2: bidrag till diskussionen och minst 80 % av tiden',
    'Authenticated; route 2: contribution to the discussion and at least 80 % of the time',
    { demands: 'authenticated', share: 0.8 },
  ),
  coverage: reading('D-E.coverage', 'Väg 1: minst ett godkänt', 'Route 1: at least one passed', {
    demands: 'one-passed',
    skillsPractical: false,
    controlledTests: false,
  }),
  definition: seed(
    'D-E.definition',
    'Kursbeskrivning, eller beskrivning av evenemanget eller projektet',
    'Course description, or description of the event or project',
    { demands: ['course-or-event-description'] },
  ),
  mandate: reading('D-E.mandate', 'Registrerad anordnare', 'Registered provider', {
    bases: ['registered-provider'],
    accreditation: false,
    higherEducation: false,
    examinerAppointed: false,
  }),
  approvers: reading(
    'D-E.approvers',
    'Ingen; väg 2 och 3: en namngiven bekräftelse som underlag',
    'None; routes 2 and 3: one named confirmation as evidence',
    { roles: [], appointedByHigherEducation: false, ownLoa: false, confirmation: true },
  ),
  durations,
}

const bandE: Profile = {
  band: 'E',
  term: 'intyg',
  loa: seed('E.loa', 'Ingen säkrad autentisering', 'No secured authentication', { atLeast: 0, orProctored: false }),
  separation: seed('E.separation', 'Inget krav', 'No demand', {
    organisations: false,
    scorers: 'none',
    scorersNotEmployer: false,
    approver: [],
    confirmerNotLearner: false,
    checkerNotTeacher: false,
    teachingDays: 0,
    teachersKnown: false,
  }),
  assessment: seed(
    'E.assessment',
    'Öppen kurs, informationsmöte, webbinarium eller webbkonferens med kunskapsinnehåll',
    'Open course, information session, webinar or online conference with knowledge content',
    { needs: 'taking-part', thirdParty: false, standard: false, activities: takingPart },
  ),
  supervision: seed('E.supervision', 'Ingen', 'None', { ways: 'none' }),
  identity: seed('E.identity', 'Ingen', 'None', { ways: [] }),
  premises: reading('E.premises', 'Evenemanget namngivet', 'Event named', { demands: 'where' }),
  attendance: reading(
    'E.attendance',
    'Deltog direkt, eller fullföljde den öppna kursen',
    'Joined live, or completed the open course',
    {
      demands: 'took-part',
      share: 0,
    },
  ),
  coverage: seed('E.coverage', 'Inget krav', 'No demand', {
    demands: 'none',
    skillsPractical: false,
    controlledTests: false,
  }),
  definition: seed('E.definition', 'Kunskapsinnehåll', 'Knowledge content', { demands: ['knowledge-content'] }),
  mandate: reading('E.mandate', 'Registrerad anordnare', 'Registered provider', {
    bases: ['registered-provider'],
    accreditation: false,
    higherEducation: false,
    examinerAppointed: false,
  }),
  approvers: reading('E.approvers', 'Ingen', 'None', {
    roles: [],
    appointedByHigherEducation: false,
    ownLoa: false,
    confirmation: false,
  }),
  durations,
}

const bandF: Profile = {
  ...bandE,
  band: 'F',
  term: 'none',
  loa: reading('F.loa', 'Inget krav', 'No demand', { atLeast: 0, orProctored: false }),
  separation: seed('F.separation', 'Inget krav', 'No demand', bandE.separation.demand),
  assessment: seed('F.assessment', 'Inspelning eller nedladdad resurs', 'Recording or downloaded resource', {
    needs: 'access',
    thirdParty: false,
    standard: false,
    activities: [],
  }),
  supervision: seed('F.supervision', 'Ingen', 'None', { ways: 'none' }),
  identity: seed('F.identity', 'Ingen', 'None', { ways: [] }),
  premises: reading('F.premises', 'Resursen namngiven', 'Resource named', { demands: 'where' }),
  attendance: seed('F.attendance', 'Tillgång', 'Access', { demands: 'access', share: 0 }),
  coverage: seed('F.coverage', 'Inget krav', 'No demand', bandE.coverage.demand),
  definition: reading('F.definition', 'Resursens beteckning', 'Resource id', { demands: ['resource'] }),
  mandate: reading('F.mandate', 'Registrerad anordnare', 'Registered provider', bandE.mandate.demand),
  approvers: reading('F.approvers', 'Ingen', 'None', bandE.approvers.demand),
}

/** The table in force. */
export const levels: Profiles = {
  version: '2026-11',
  byBand: { A: bandA, 'B-C1': bandB, 'C2-D': bandC, 'D-E': bandD, E: bandE, F: bandF },
}

/**
 * The table a case's frozen profiles were tightened from, by the version they carry (`2026-11+norrsken`); undefined for a table
 * we never published. A new version of the table is added here beside the old ones: cases frozen under them are still running.
 */
export function tableOf(version: string): Profiles | undefined {
  return version.split('+')[0] === levels.version ? levels : undefined
}
