-- +goose Up
-- Editions of the criteria for classifying (定密标准, clause 5.3): the firm's own rules, no client's data. The first came with the program.
CREATE TABLE criteria (
  version      BIGINT PRIMARY KEY,
  published    BIGINT NOT NULL, -- 0: with the program
  published_by TEXT   NOT NULL  -- empty: the program
);
CREATE TABLE criterion (
  version BIGINT NOT NULL REFERENCES criteria (version),
  level   BIGINT NOT NULL,
  text    TEXT   NOT NULL, -- one criterion a line
  PRIMARY KEY (version, level)
);
INSERT INTO criteria (version, published, published_by) VALUES (1, 0, '');
INSERT INTO criterion (version, level, text) VALUES
(1, 3, '泄露会使客户的生死存亡、人身安全或者重大权益受到特别严重的损害
尚未公开的并购、重组、上市、重大融资的方案、底价和时间安排
客户的核心技术秘密：配方、源代码、工艺参数、未公开的发明
重大案件的诉讼底线、和解底价、关键证人和未提交的关键证据
涉及国家机关调查、刑事辩护中一旦外泄即危及当事人的材料'),
(1, 2, '泄露会使客户的重大利益受到严重损害
未公开的合同文本、价格条款、客户名单、供应渠道和财务报表
案件的代理思路、证据目录、与客户讨论策略的往来记录
客户及相关人员的银行账户、资产状况、债权债务明细
身份证件、生物识别、健康、行踪等敏感个人信息'),
(1, 1, '泄露会使客户的利益受到损害，或者客户明确要求保密
已经向法庭、仲裁庭或者对方提交但未向社会公开的案件材料
客户的一般经营信息、联系方式和往来事务
委托合同、授权委托书、收费信息
其他依常理不应让无关的人知道的资料');
-- By which edition a level was proposed or reviewed; 0: before there were any.
ALTER TABLE leveling ADD COLUMN criteria BIGINT NOT NULL DEFAULT 0;
