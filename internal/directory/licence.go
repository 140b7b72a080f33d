package directory

import (
	"strconv"
	"strings"
	"time"

	"mijuan/internal/problem"
)

// provinces are the first two digits of 行政区划代码 (GB/T 2260).
const provinces = " 11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82 "

// firstYear is the first in which a lawyer could be admitted after the profession came back.
const firstYear = 1979

// checkLicence checks a lawyer's licence number (律师执业证号): 1, the four digits of province and city, the year of the first
// admission, the kind of practice 1–9, 0 or 1 for the sex, and a serial number of six digits.
func checkLicence(s string, now time.Time) error {
	wrong := func(format string, args ...any) error {
		return problem.New(problem.Invalid, format, args...).In(string(Licence))
	}
	if len(s) != 17 || strings.Trim(s, "0123456789") != "" {
		if strings.ContainsAny(s, "eE") && strings.Contains(s, "+") {
			return wrong("执业证号被表格软件变成了数值；请把这一列设为文本格式后重新填写")
		}
		return wrong("执业证号应为 17 位数字")
	}
	year, _ := strconv.Atoi(s[5:9])
	switch {
	case s[0] != '1':
		return wrong("执业证号的第 1 位应为 1")
	case !strings.Contains(provinces, " "+s[1:3]+" "):
		return wrong("执业证号的第 2、3 位不是省级行政区代码")
	case year < firstYear || year > now.Year():
		return wrong("执业证号的第 6 至 9 位应为首次执业年份")
	case s[9] == '0':
		return wrong("执业证号的第 10 位应为 1 至 9 的执业类别")
	case s[10] > '1':
		return wrong("执业证号的第 11 位应为 0（男）或 1（女）")
	}
	return nil
}

// startsForms are how people write a day.
var startsForms = []string{"2006-1-2", "2006/1/2", "2006.1.2", "2006年1月2日", "20060102"}

// readDay reads a day as people or a workbook write it and gives it as 2006-01-02.
func readDay(s string, now time.Time) (string, error) {
	day, err := time.Time{}, error(nil)
	for _, form := range startsForms {
		if day, err = time.Parse(form, strings.TrimSuffix(s, " 00:00:00")); err == nil {
			break
		}
	}
	if serial, wrong := strconv.ParseFloat(s, 64); err != nil && wrong == nil && serial >= 1 && serial < 1e5 {
		day, err = time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC).AddDate(0, 0, int(serial)), nil
	}
	if err != nil || day.Year() < 1950 || day.After(now.AddDate(1, 0, 0)) {
		return "", problem.New(problem.Invalid, "入职日期应写成 2026-03-01 的样子，最晚到明年今天").In(string(Starts))
	}
	return day.Format(time.DateOnly), nil
}
