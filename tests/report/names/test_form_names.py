"""Every form that a model may have is named in both languages."""

from bigdata_emis.activity_model.forms.candidate_forms import FORMS
from bigdata_emis.activity_model.forms.pooled_industry import POOLED_FORM
from bigdata_emis.report.names.form_names import form_words


def test_every_form_has_a_chinese_title():
    titles = {form: form_words(form)["zh"] for form in (*FORMS, POOLED_FORM)}
    assert [form for form, title in titles.items() if title.isascii()] == []


def test_a_form_that_this_release_does_not_know_keeps_its_name():
    assert form_words("wavelet") == {"en": "wavelet", "zh": "wavelet"}
