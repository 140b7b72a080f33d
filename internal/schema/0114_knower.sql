-- +goose Up
-- Who came to know what is top secret (绝密知悉人员, clauses 3.1, 10), one row for each time that a carrier came into somebody's hands, and for the
-- first time that somebody received, reviewed, read or fetched a material. Rows are never changed: they outlive the thing.
CREATE TABLE knower (
  id       TEXT   NOT NULL PRIMARY KEY,
  kind     TEXT   NOT NULL, -- Carrier, Material
  thing    TEXT   NOT NULL,
  matter   TEXT   NOT NULL REFERENCES matter (id),
  person   TEXT   NOT NULL,
  at       BIGINT NOT NULL,
  manner   TEXT   NOT NULL, -- see knower.Manner
  handler  TEXT   NOT NULL, -- by whose hands
  approval TEXT   NOT NULL, -- the request that let them; empty: none was needed
  lister   TEXT   NOT NULL  -- who had put them on the matter's list by then; empty: nobody
);
CREATE INDEX knower_newest ON knower (at DESC, id DESC);
CREATE INDEX knower_matter ON knower (matter, at DESC, id DESC);
CREATE INDEX knower_person ON knower (person, at DESC, id DESC);
CREATE INDEX knower_sides ON knower (matter, person, kind, thing);
CREATE UNIQUE INDEX knower_once ON knower (thing, person, manner) WHERE kind = 'Material';

INSERT INTO knower (id, kind, thing, matter, person, at, manner, handler, approval, lister)
SELECT m.id, 'Carrier', c.id, c.matter, CASE m.deed WHEN 'registered' THEN m.by_person WHEN 'along' THEN m.from_person ELSE m.to_person END, m.at, m.deed,
  CASE m.deed WHEN 'registered' THEN m.by_person WHEN 'along' THEN c.holder ELSE m.from_person END,
  COALESCE(CASE m.deed WHEN 'registered' THEN c.approval ELSE (SELECT l.approval FROM loan l WHERE l.id = m.id) END, ''), ''
FROM carrier_move m JOIN carrier c ON c.id = m.carrier WHERE c.level = 3 AND m.deed IN ('registered', 'taken', 'along');

INSERT INTO knower (id, kind, thing, matter, person, at, manner, handler, approval, lister)
SELECT t.id, 'Carrier', c.id, c.matter, t.companion, t.left_at, 'along', t.applicant, t.approval, ''
FROM take_out t JOIN carrier c ON c.id = t.carrier WHERE c.level = 3 AND t.left_at > 0 AND t.companion <> '';

INSERT INTO knower (id, kind, thing, matter, person, at, manner, handler, approval, lister)
SELECT MIN(l.id), 'Material', l.material, m.matter, l.person, MIN(l.at), CASE l.kind WHEN 'review' THEN 'reviewed' ELSE 'received' END, l.person, '', ''
FROM leveling l JOIN material m ON m.id = l.material WHERE l.level = 3 AND l.kind IN ('propose', 'review') GROUP BY l.material, m.matter, l.person, l.kind;

INSERT INTO knower (id, kind, thing, matter, person, at, manner, handler, approval, lister)
SELECT m.id || '.' || p.person, 'Material', m.id, m.matter, p.person, MIN(p.at), 'read', p.person, '', ''
FROM page_image p JOIN material m ON m.id = p.material WHERE m.level = 3 GROUP BY m.id, m.matter, p.person;

UPDATE knower SET lister = COALESCE((SELECT b.granted_by FROM member b WHERE b.matter = knower.matter AND b.person = knower.person AND b.listed = 1 AND b.since <= knower.at ORDER BY b.since DESC LIMIT 1), '');
